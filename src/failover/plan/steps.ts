import type { FailoverKind, FailoverStep } from './plan.ts'

/** What a step does, how long it takes as a rule, and what holds while it runs. */
type StepText = {
  readonly what: string
  readonly ms: number
  readonly holdsWrites?: true
  /** Nothing has been given up yet. */
  readonly canUndo?: true
}

const switchover = {
  check: { what: 'see that everything is as this plan says', ms: 1_000, canUndo: true },
  claim: { what: 'claim the route, so that no other failover runs', ms: 200, canUndo: true },
  warm: { what: 'wake the coordinators of {to}', ms: 500, canUndo: true },
  yield: { what: 'group members commit and give up their partitions', ms: 1_500, canUndo: true },
  'hand-over': {
    what: 'transactional producers get an identity on {to} with their next commit',
    ms: 600,
    canUndo: true,
  },
  fence: { what: 'gateways hold new writes', ms: 200, holdsWrites: true, canUndo: true },
  drain: {
    what: 'wait until {to} has everything that {from} has',
    ms: 500,
    holdsWrites: true,
    canUndo: true,
  },
  freeze: { what: 'gateways hold group and transaction requests', ms: 100, holdsWrites: true, canUndo: true },
  positions: {
    what: 'copy the positions of all groups once more',
    ms: 300,
    holdsWrites: true,
    canUndo: true,
  },
  rest: { what: 'the workers of the link let go', ms: 1_000, holdsWrites: true, canUndo: true },
  promote: { what: 'mirrors become topics of their own', ms: 300, holdsWrites: true },
  park: { what: 'gateways hold everything', ms: 300, holdsWrites: true },
  open: { what: 'the route is {to}; clients go on there', ms: 300, holdsWrites: true },
  probe: { what: 'a client of our own writes and reads through the route', ms: 500 },
  evict: { what: 'members that are left on {from} are removed', ms: 300 },
  release: { what: 'mirrors get the settings of topics', ms: 500 },
  reverse: { what: 'the link is turned round: {to} to {from}', ms: 2_000 },
  verify: { what: 'both sides are compared', ms: 2_000 },
  receipt: { what: 'the receipt is kept on both clusters', ms: 200 },
} as const satisfies Record<string, StepText>

const failover = {
  gone: { what: 'see that {from} is gone', ms: 4_000, canUndo: true },
  claim: switchover.claim,
  warm: switchover.warm,
  park: { what: 'gateways hold everything', ms: 300, holdsWrites: true, canUndo: true },
  'fence-link': {
    what: 'no worker of the link writes any more',
    ms: 4_000,
    holdsWrites: true,
    canUndo: true,
  },
  clamp: { what: 'positions of groups are set within what has arrived', ms: 500, holdsWrites: true },
  promote: { what: 'mirrors become topics of their own, at what has arrived', ms: 300, holdsWrites: true },
  loss: { what: 'work out what was lost', ms: 100, holdsWrites: true },
  open: switchover.open,
  probe: switchover.probe,
  release: switchover.release,
  'fence-old': { what: 'the ACL fence waits for {from}, should it come back', ms: 100 },
  receipt: { what: 'the receipt is kept on {to}', ms: 200 },
} as const satisfies Record<string, StepText>

export type StepName = keyof typeof switchover | keyof typeof failover

type Course = {
  readonly kind: FailoverKind
  readonly from: string
  readonly to: string
  /** How long the drain takes, where that can be told. */
  readonly drainMs: number | null
}

/** The numbered steps of a failover, each with the time that it takes as a rule. */
export function stepsOf({ kind, from, to, drainMs }: Course): FailoverStep[] {
  const entries = Object.entries(kind === 'switchover' ? switchover : failover) as [StepName, StepText][]
  return entries.map(([name, { what, ms, holdsWrites = false, canUndo = false }], index) => ({
    number: index + 1,
    name,
    what: what.replaceAll('{from}', from).replaceAll('{to}', to),
    expectedMs: name === 'drain' && drainMs !== null ? Math.max(ms, drainMs) : ms,
    holdsWrites,
    canUndo,
  }))
}
