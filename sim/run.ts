import { allCheckers } from './checkers/all.ts'
import { Violation } from './checkers/checker.ts'
import { faults } from './faults/all.ts'
import type { Plan } from './plan.ts'
import type { Mutation } from './world/worker.ts'
import { World } from './world/world.ts'

export type RunResult = {
  readonly seed: number
  readonly violation: { readonly invariant: string; readonly message: string; readonly atMs: number } | null
  readonly steps: number
  readonly virtualMs: number
  readonly trace: readonly string[]
  /** Faults that partitions stood with at the end, all justified. */
  readonly faults: readonly string[]
}

export type RunOptions = { readonly mutation?: Mutation; readonly trace?: boolean }

const LOOK_EVERY_MS = 250
/** After healing, everything must be in step within this time: two rounds of what is tried every half minute. */
const REST_MS_MAX = 120_000
/** Then nothing more may happen to be wrong for this long. */
const QUIET_MS = 2_500
const STEPS_MAX = 400_000

/** One plan from its beginning to its end: chaos, healing, liveness. */
export async function runPlan(plan: Plan, { mutation, trace = false }: RunOptions = {}): Promise<RunResult> {
  const world = new World(plan, { checkers: allCheckers, keepTrace: trace, ...(mutation && { mutation }) })
  let violation: RunResult['violation'] = null
  try {
    await act(world)
  } catch (error) {
    const invariant = error instanceof Violation ? error.invariant : 'crash'
    const message =
      error instanceof Violation ? error.message : String(error instanceof Error ? error.stack : error)
    violation = { invariant, message, atMs: Math.round(world.events.now) }
    world.trace.add(() => `VIOLATION ${invariant}: ${message}`)
  }
  const { now, steps } = world.events
  const standing =
    violation !== null ? [] : world.livePairs().flatMap((pair) => world.faultOf(pair)?.code ?? [])
  for (const worker of world.workers) worker.kill()
  return { seed: plan.seed, violation, steps, virtualMs: now, trace: world.trace.lines, faults: standing }
}

async function act(world: World): Promise<void> {
  const { events, plan } = world
  const stepped = () => {
    if (world.violation !== null) throw world.violation
    for (const checker of world.checkers) checker.stepped?.()
    if (events.steps > STEPS_MAX) throw new Violation('liveness', `not at rest after ${STEPS_MAX} steps`)
  }
  for (const item of plan.faults) {
    events.after(item.at, () => {
      world.trace.add(() => `FAULT ${JSON.stringify(item)}`)
      faults.get(item.kind)!.inject(world, item)
    })
  }
  world.start()
  await events.run(() => events.now >= plan.options.chaosMs, stepped)
  world.heal()
  let restedAt: number | null = null
  let nextLook = 0
  const deadline = events.now + REST_MS_MAX
  const stop = () => {
    if (events.now < nextLook) return false
    nextLook = events.now + LOOK_EVERY_MS
    restedAt = world.late() === null ? (restedAt ?? events.now) : null
    return events.now > deadline || (restedAt !== null && events.now - restedAt > QUIET_MS)
  }
  await events.run(stop, stepped)
  for (const checker of world.checkers) checker.rested?.()
}
