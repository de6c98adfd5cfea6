import { z } from 'zod'

const lostPartition = z.object({
  topic: z.string(),
  partition: z.int(),
  /** Where the target ends. */
  from: z.int(),
  /** The end of what was seen acknowledged. */
  to: z.int(),
  records: z.int(),
  bytes: z.int(),
  lastAt: z.number(),
})

/** What a run has found out, kept with it so that whoever goes on with it knows. Times are those of its runner. */
export const memoSchema = z.object({
  /** What the run is about, for whoever goes on with it. */
  course: z
    .object({
      ...{ route: z.string(), kind: z.enum(['switchover', 'failover']), from: z.string(), to: z.string() },
      ...{ link: z.string(), groups: z.array(z.string()), plan: z.string() },
    })
    .nullable()
    .default(null),
  /** Whether the link was to run before the run paused it. */
  linkRan: z.boolean().nullable().default(null),
  /** From here to there clients waited. */
  heldFrom: z.number().nullable().default(null),
  heldTo: z.number().nullable().default(null),
  partitions: z.int().default(0),
  groups: z.int().default(0),
  positions: z.int().default(0),
  /** Positions that had to be set back to what the target holds. */
  clamped: z
    .array(z.object({ group: z.string(), topic: z.string(), partition: z.int(), from: z.int(), to: z.int() }))
    .default([]),
  /** Acknowledged through the route, and not on the target; null as long as nobody has asked. */
  lost: z.array(lostPartition).nullable().default(null),
  /** Gateways that never said what they had seen acknowledged. */
  untold: z.array(z.string()).default([]),
  /** Gateways that said nothing for longer than their lease lasts. */
  gone: z.array(z.string()).default([]),
  /** What a client of our own has seen of the switch. */
  probe: z
    .object({
      longestMs: z.number(),
      acknowledged: z.int(),
      refused: z.int(),
      lastTrouble: z.string().nullable(),
    })
    .nullable()
    .default(null),
  notes: z.array(z.string()).default([]),
})

export type Memo = z.infer<typeof memoSchema>
export type LostPartition = z.infer<typeof lostPartition>
export const emptyMemo: Memo = memoSchema.parse({})
