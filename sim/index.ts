import { faultKinds } from './faults/all.ts'
import type { Seeds } from './hunt.ts'
import { drawPlan, type Plan } from './plan.ts'
import { type RunResult, runPlan } from './run.ts'
import { scenarios } from './scenarios/all.ts'
import { planOf } from './scenarios/scenario.ts'
import { shrink } from './shrink.ts'

export { scenarios }

/** A violation with the least that brings it about. */
export type Finding = {
  readonly seed: number
  readonly invariant: string
  readonly message: string
  readonly atMs: number
  readonly plan: Plan
}

export type SimReport = {
  readonly seeds: { readonly from: number; readonly to: number }
  readonly scenario: string | null
  readonly runs: number
  readonly steps: number
  readonly virtualMs: number
  readonly findings: readonly Finding[]
}

export type SimOptions = {
  readonly seed: number
  readonly runs: number
  readonly scenario: string | null
  readonly signal: AbortSignal
  readonly onRun?: (done: number, result: RunResult) => void
}

const FINDINGS_MAX = 5

/** The plan of one seed, of a scenario where one is named. */
export function planFor(seed: number, scenario: string | null): Plan {
  const named = scenarios.find(({ name }) => name === scenario)
  return named === undefined ? drawPlan(seed, faultKinds) : planOf(named, seed)
}

/** The seeds that are run: a scenario that is one run has its own seed alone. */
export function seedsOf({ seed, runs, scenario }: Pick<SimOptions, 'seed' | 'runs' | 'scenario'>): Seeds {
  const named = scenarios.find(({ name }) => name === scenario)
  return named !== undefined && 'seed' in named ? { from: named.seed, count: 1 } : { from: seed, count: runs }
}

/** Runs seeds one after another; ends early when the signal says so, or when enough was found. */
export async function simulate({ signal, onRun, ...options }: SimOptions): Promise<SimReport> {
  const { scenario } = options
  const { from, count } = seedsOf(options)
  const findings: Finding[] = []
  let steps = 0
  let virtualMs = 0
  let done = 0
  while (done < count && findings.length < FINDINGS_MAX && !signal.aborted) {
    const plan = planFor(from + done, scenario)
    const result = await runPlan(plan)
    steps += result.steps
    virtualMs += result.virtualMs
    done++
    if (result.violation !== null) {
      const { invariant, message, atMs } = result.violation
      findings.push({ seed: plan.seed, invariant, message, atMs, plan: await shrink(plan, invariant) })
    }
    onRun?.(done, result)
  }
  const last = from + Math.max(done, 1) - 1
  return {
    seeds: { from, to: last },
    scenario,
    runs: done,
    steps,
    virtualMs: Math.round(virtualMs),
    findings,
  }
}
