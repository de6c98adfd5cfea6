import { z } from 'zod'
import { directWriter } from '../fence/direct-writers.ts'
import { fenceReport } from '../fence/report.ts'

const person = z.object({ user: z.string(), host: z.string() })

/** Null: not known, never 0. */
const amount = z.object({
  records: z.number().nullable(),
  bytes: z.number().nullable(),
  /** From the first of them to the last, by when they were acknowledged. */
  seconds: z.number().nullable(),
  /** More may be lost than could be counted. */
  atLeast: z.boolean().optional(),
})

const step = z.object({
  name: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  note: z.string().nullable(),
})

const partition = z.object({
  topic: z.string(),
  mirror: z.string(),
  partition: z.int(),
  /** The end of the cluster that was left as last seen, and where the topic goes on. */
  sourceEnd: z.int().nullable(),
  continuedAt: z.int(),
  lost: amount,
})

const group = z.object({
  group: z.string(),
  /** Positions that were carried over, and offsets that were read again as far as that is known. */
  positions: z.int(),
  reRead: z.number().nullable(),
  text: z.string(),
})

/** What a failover did and what it cost, as it was measured; kept, and never rewritten. */
export const failoverReceipt = z.object({
  id: z.string(),
  route: z.string(),
  /** Of the plan that was run. */
  plan: z.string().nullable(),
  kind: z.enum(['switchover', 'failover']),
  from: z.string(),
  to: z.string(),
  by: person,
  /** `undone`: the route was put back to where it was. */
  outcome: z.enum(['done', 'undone', 'failed']),
  startedAt: z.number(),
  endedAt: z.number(),
  steps: z.array(step),
  /** RPO: what was acknowledged and is not there, of all partitions. */
  lost: amount,
  /** Of `partitions`: those that lost something or of which nobody knows stand here, of the rest as many as fit. */
  partitions: z.array(partition),
  partitionsInAll: z.int(),
  /** RTO: how long a client of our own could not write; null where none was there. */
  rtoMs: z.number().nullable(),
  groups: z.array(group),
  /** `equal`: null where not everything was compared. */
  verification: z.object({ equal: z.boolean().nullable(), partitions: z.int(), text: z.string() }).nullable(),
  /** How clients are kept from writing there; null where no run has tried. */
  fence: fenceReport.nullable().default(null),
  /** Who went on writing to the cluster that was left. */
  directWriters: z.array(directWriter),
  /** What an operator still has to do, in sentences. */
  left: z.array(z.string()),
})

export type FailoverReceipt = z.infer<typeof failoverReceipt>

/** A batch of the state topic takes 512 KiB; a partition with long names takes 300 bytes. */
export const RECEIPT_PARTITIONS_MAX = 1_000
const RECEIPT_GROUPS_MAX = 500

/** A receipt that fits into a record: what lost nothing is counted where there is no room to name it. */
export function boundedReceipt(receipt: FailoverReceipt): FailoverReceipt {
  const { partitions, groups, directWriters } = receipt
  const worst = partitions.toSorted((a, b) => lostOf(b) - lostOf(a)).slice(0, RECEIPT_PARTITIONS_MAX)
  const kept = new Set(worst)
  return {
    ...receipt,
    partitions: partitions.filter((one) => kept.has(one)),
    groups: groups
      .toSorted((a, b) => (b.reRead ?? Number.MAX_SAFE_INTEGER) - (a.reRead ?? Number.MAX_SAFE_INTEGER))
      .slice(0, RECEIPT_GROUPS_MAX),
    directWriters: directWriters.slice(0, RECEIPT_PARTITIONS_MAX),
  }
}

/** What is not known counts as the worst. */
function lostOf({ lost }: FailoverReceipt['partitions'][number]): number {
  return lost.records ?? Number.MAX_SAFE_INTEGER
}
