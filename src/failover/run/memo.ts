import { z } from 'zod'
import { directWriter } from '../fence/direct-writers.ts'
import { fenceReport } from '../fence/report.ts'
import { courseSchema } from './course.ts'

const lostPartition = z.object({
  topic: z.string(),
  partition: z.int(),
  /** Where the target ends. */
  from: z.int(),
  /** The end of what was seen acknowledged. */
  to: z.int(),
  records: z.int(),
  bytes: z.int(),
  /** Of these records: acknowledged by their leader alone (acks=1). */
  byLeader: z.int().default(0),
  /** Not counted above: records of transactions whose commit nobody was told of, and of those that were aborted. */
  open: z.int().default(0),
  aborted: z.int().default(0),
  /** Offsets between `from` and `to` that no gateway has heard of. */
  unaccounted: z.int().default(0),
  /** When the first and the last of the records were acknowledged. */
  firstAt: z.number().nullable().default(null),
  lastAt: z.number().nullable(),
  /** Whether more may be lost than gateways remember. */
  isShort: z.boolean().default(false),
})

/** What a run has found out, kept with it so that whoever goes on with it knows. Times are those of its runner. */
export const memoSchema = z.object({
  /** What the run is about, for whoever goes on with it. */
  course: courseSchema.nullable().default(null),
  /** Topics that had no mirror when the run began. */
  leaves: z.array(z.string()).default([]),
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
  /** What was lost in more partitions than `lost` names. */
  lostMore: z
    .object({
      ...{ partitions: z.int(), records: z.int(), bytes: z.int() },
      ...{ firstAt: z.number().nullable(), lastAt: z.number().nullable() },
    })
    .nullable()
    .default(null),
  /** The generation under which the link was ended as a writer, once its mirrors' ends are noted; null: it was not. */
  ended: z.object({ generation: z.int() }).nullable().default(null),
  /** Why more may be lost than was counted, in sentences; and what was not counted, and why not. */
  atLeast: z.array(z.string()).default([]),
  uncounted: z.array(z.string()).default([]),
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
  /** What comparing both sides came to; `equal` is null where there was too much to compare. */
  verified: z.object({ equal: z.boolean().nullable(), text: z.string() }).nullable().default(null),
  /** How clients are kept from the cluster that is left; null as long as that was not tried. */
  fence: fenceReport.nullable().default(null),
  directWriters: z.array(directWriter).default([]),
  notes: z.array(z.string()).default([]),
})

export type Memo = z.infer<typeof memoSchema>
export type LostPartition = z.infer<typeof lostPartition>
export const emptyMemo: Memo = memoSchema.parse({})
