import type { FailoverRecord } from '../state/records.ts'

export type FailoverKind = FailoverRecord['kind']

/** What a run is about: it never changes, however often somebody else goes on with it. */
export type Course = {
  readonly route: string
  readonly kind: FailoverKind
  /** Names of clusters. */
  readonly from: string
  readonly to: string
  /** The link that kept `to` in step. */
  readonly link: string
  /** Groups that move: the patterns of the link. */
  readonly groups: readonly string[]
  /** Of the plan that is run; repeated commands of one plan are one run. */
  readonly plan: string
}

/** Names of steps, in their order. A step before `promote` can be taken back. */
export const courses = {
  switchover: [
    'warm',
    'yield',
    'hand-over',
    'fence',
    'deny',
    'drain',
    'freeze',
    'rest',
    'positions',
    'promote',
    'park',
    'admit',
    'open',
    'probe',
    'release',
    'reverse',
    'verify',
    'receipt',
  ],
  failover: [
    'warm',
    'park',
    'fence-link',
    'promote',
    'deny',
    'clamp',
    'loss',
    'admit',
    'open',
    'probe',
    'release',
    'receipt',
  ],
} as const satisfies Record<FailoverKind, readonly string[]>

export type StepName = (typeof courses)[FailoverKind][number]

/** Whether the route can still be put back to what it was, when this step fails. */
export function canUndo(kind: FailoverKind, step: StepName): boolean {
  const steps: readonly StepName[] = courses[kind]
  return steps.indexOf(step) < steps.indexOf('promote')
}
