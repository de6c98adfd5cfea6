import { z } from 'zod'
import type { Fault } from '../status.ts'

/** A fault as it is kept; its remedy is the table's. */
const toldFault = z.object({
  code: z.string(),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  since: z.number(),
})

/**
 * What one worker of a link has to say of its share, for everybody who is asked about the link: written when something
 * of it changes. Partitions that are not named have no fault and are not behind.
 */
export const reportRecord = z.object({
  link: z.string(),
  /** The worker's name for people. */
  worker: z.string(),
  /** Of the lease in which it says this. */
  generation: z.number().int(),
  /** What is in the worker's way as a whole. */
  fault: toldFault.nullable(),
  faults: z.array(
    z.object({
      topic: z.string(),
      /** null: of the whole mirror. */
      partition: z.number().int().min(0).nullable(),
      /** Whether it stands still for it; else it goes on by itself. */
      stands: z.boolean(),
      fault: toldFault,
    }),
  ),
  /** Since when the source has held more than the mirror, to the second; null when that is not known. */
  behind: z.array(
    z.object({ topic: z.string(), partition: z.number().int().min(0), since: z.number().nullable() }),
  ),
  /** Positions of groups, by the leading worker alone; `asOf` to the minute, so that a quiet link writes little. */
  groups: z.array(
    z.object({
      group: z.string(),
      state: z.enum(['in-step', 'waiting', 'active', 'faulted']),
      partitions: z.number().int(),
      asOf: z.number().nullable(),
      fault: toldFault.nullable(),
    }),
  ),
  /** Repairs that the leading worker has begun and that this one has done its part of. */
  obeyed: z.array(z.string()),
  /** Whether there is more than a report takes. */
  cut: z.boolean(),
})

export type ReportRecord = z.infer<typeof reportRecord>
export type ToldFault = z.infer<typeof toldFault>

export function toldOf({ code, message, evidence, since }: Fault): ToldFault {
  return { code, message, evidence, since }
}
