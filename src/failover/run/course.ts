import { z } from 'zod'
import type { FailoverRecord } from '../state/records.ts'

export type FailoverKind = FailoverRecord['kind']

/** What a run is about: it never changes, however often somebody else goes on with it. */
export const courseSchema = z
  .object({
    route: z.string(),
    kind: z.enum(['switchover', 'failover']),
    /** Names of clusters. */
    from: z.string(),
    to: z.string(),
    /** The link that kept `to` in step. */
    link: z.string(),
    /** Groups that move: the patterns of the link. */
    groups: z.array(z.string()).readonly(),
    /** Topics whose mirrors stand still, as the plan has accepted: they move with what they hold. */
    skips: z.array(z.string()).readonly().default([]),
    /** Of the plan that is run; repeated commands of one plan are one run. */
    plan: z.string(),
  })
  .readonly()

export type Course = z.infer<typeof courseSchema>

/** Names of steps, in their order. A step before `promote` can be taken back. */
export const courses = {
  switchover: [
    'warm',
    'approach',
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

/** Whether a run that nobody goes on with may be ended by putting the route back: its source is well, or was. */
export function canBeTakenBack({ kind, step }: Pick<FailoverRecord, 'kind' | 'step'>): boolean {
  return kind === 'switchover' && canUndo(kind, step as StepName)
}
