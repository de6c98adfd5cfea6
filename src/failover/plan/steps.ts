import { canUndo, courses, type FailoverKind, type StepName } from '../run/course.ts'
import { NEAR_MS } from '../run/laps.ts'
import type { FailoverStep } from './plan.ts'

type StepText = { readonly what: string; readonly ms: number }

/** What each step does, and how long it takes as a rule. */
const texts: Readonly<Record<StepName, StepText>> = {
  warm: { what: 'wake the coordinators of {to}', ms: 500 },
  approach: { what: 'wait until the rest arrives on {to} within two seconds; clients go on', ms: 100 },
  yield: { what: 'group members commit and give up their partitions', ms: 1_500 },
  'hand-over': { what: 'transactional producers get an identity on {to} with their next commit', ms: 600 },
  fence: { what: 'gateways hold new writes', ms: 200 },
  deny: { what: 'clients are denied to write to {from} directly', ms: 100 },
  drain: { what: 'wait until {to} has everything that {from} has', ms: 500 },
  freeze: { what: 'gateways hold group and transaction requests', ms: 100 },
  positions: { what: 'copy the positions of all groups once more', ms: 300 },
  rest: { what: 'the workers of the link let go', ms: 1_000 },
  promote: { what: 'mirrors become topics of their own', ms: 300 },
  park: { what: 'gateways hold everything', ms: 300 },
  'fence-link': { what: 'no worker of the link writes any more', ms: 4_000 },
  clamp: { what: 'positions of groups are set within what has arrived', ms: 500 },
  loss: { what: 'work out what was lost', ms: 300 },
  admit: { what: 'clients may write to {to} again, where they were denied', ms: 100 },
  open: { what: 'the route is {to}; clients go on there', ms: 300 },
  probe: { what: 'a client of our own writes through the route', ms: 500 },
  release: { what: 'mirrors get the settings of topics', ms: 500 },
  reverse: { what: 'the link is turned round: {to} to {from}', ms: 2_000 },
  verify: { what: 'both sides are compared', ms: 2_000 },
  receipt: { what: 'the receipt is kept', ms: 200 },
}

/** From the first of these on writers wait, until the route is open again. */
const HOLDS: Readonly<Record<FailoverKind, StepName>> = { switchover: 'fence', failover: 'park' }

type Way = {
  readonly kind: FailoverKind
  readonly from: string
  readonly to: string
  /** How long the link takes for what is missing, where that can be told. */
  readonly drainMs: number | null
}

/** The numbered steps of a failover, each with the time that it takes as a rule. */
export function stepsOf({ kind, from, to, drainMs }: Way): FailoverStep[] {
  const names: readonly StepName[] = courses[kind]
  const [held, open] = [names.indexOf(HOLDS[kind]), names.indexOf('open')]
  return names.map((name, index) => {
    const { what, ms } = texts[name]
    return {
      number: index + 1,
      name,
      what: what.replaceAll('{from}', from).replaceAll('{to}', to),
      expectedMs: Math.max(ms, copying(name, drainMs ?? 0)),
      holdsWrites: index >= held && index <= open,
      canUndo: canUndo(kind, name),
    }
  })
}

/** Only the last of what is missing is copied while writers wait. */
function copying(name: StepName, drainMs: number): number {
  if (name === 'approach') return drainMs
  return name === 'drain' ? Math.min(drainMs, NEAR_MS) : 0
}
