import { z } from 'zod'
import { travelSchema } from '../travel/options.ts'
import { type OwnedRecord, ownedRecord } from '../travel/owned.ts'
import {
  answerRecord,
  type IntentRecord,
  intentRecord,
  type ReceiptRecord,
  receiptRecord,
} from './intents.ts'

import { type ReportRecord, reportRecord } from './reports.ts'
import { decodeValue, encodeValue, keyParts } from './value.ts'

const startPoint = z.discriminatedUnion('at', [
  z.object({ at: z.enum(['earliest', 'latest']) }),
  z.object({ at: z.literal('time'), timestampMs: z.number().int() }),
  z.object({ at: z.literal('offsets'), offsets: z.record(z.string(), z.array(z.number().int().min(0))) }),
])

export const linkLimitRecord = z.object({
  bytesPerSecond: z.number().nullable(),
  windows: z.array(
    z.object({
      days: z.array(z.int()),
      from: z.int(),
      to: z.int(),
      bytesPerSecond: z.number().nullable(),
    }),
  ),
  zone: z.string(),
})
export const prioritiesRecord = z.array(z.object({ topics: z.string(), weight: z.number() }))

const linkRecord = z.object({
  name: z.string(),
  source: z.object({ name: z.string(), clusterId: z.string() }),
  topics: z.array(z.string()),
  groups: z.array(z.string()),
  prefix: z.string(),
  start: startPoint,
  travel: travelSchema.optional(),
  desired: z.enum(['active', 'paused']),
  /** The link's writer identity on the destination; null until a worker has asked for one. */
  producerId: z.number().int().nullable(),
  producerEpoch: z.number().int().nullable(),
  /** From here on the destination's brokers hand out producer ids; absent where nothing was done about that. */
  producerIdsFrom: z.number().int().optional(),
  updatedAt: z.number(),
  limit: linkLimitRecord.optional(),
  priority: prioritiesRecord.optional(),
})

/** Written by workers only. */
const gapsRecord = z.object({
  link: z.string(),
  /** How gaps were filled last; whoever goes over to markers first ends what transactions left open. */
  path: z.enum(['markers', 'transactions']),
  /** Of the link's transactional ids, past ones included. */
  producerIds: z.array(z.number().int()).default([]),
  at: z.number(),
})

const leaseRecord = z.object({
  link: z.string(),
  /** Counts up with each worker; travels as coordinatorEpoch of markers, which fences the worker before. */
  generation: z.number().int(),
  worker: z.object({ id: z.string(), host: z.string(), pid: z.number() }),
  at: z.number(),
})

const damage = z.object({
  partition: z.number().int(),
  code: z.string(),
  message: z.string(),
  evidence: z.record(z.string(), z.unknown()),
  since: z.number(),
})

const mirrorRecord = z.object({
  link: z.string(),
  topic: z.string(),
  mirror: z.string(),
  sourceTopicId: z.string(),
  mirrorTopicId: z.string(),
  state: z.enum(['seeding', 'active', 'paused', 'promoting', 'promoted', 'failed-over']),
  /** What came of the last intent. */
  answer: answerRecord.nullable().default(null),
  /** A promotion looks whether anything more comes: nobody copies meanwhile. */
  closing: z.boolean().default(false),
  /** Where each partition ended when it was promoted. */
  promotedAt: z.array(z.number().int()).nullable().default(null),
  /** Where each partition ended when a topic with a history became this mirror: below, others wrote. */
  adopted: z.array(z.number().int()).default([]),
  /** Where each partition of the mirror begins: as many as are ready to be copied once the state is active. */
  start: z.array(z.number().int()),
  /** Settings of the source that the mirror gets when it is a mirror no longer. */
  withheld: z.record(z.string(), z.string()).default({}),
  /** Producer ids under which the link has written it; empty in records of before they were kept. */
  producerIds: z.array(z.number().int()).default([]),
  /** Offsets [from, to) that are gone at the source, and that an operator has accepted as lost. */
  accepted: z
    .array(
      z.object({
        partition: z.number().int(),
        from: z.number().int(),
        to: z.number().int(),
        intent: z.string(),
      }),
    )
    .default([]),
  /** Partitions whose log is not the source's: only a new mirror cures that, so no restart may forget it. */
  damage: z.array(damage).default([]),
})

/** Nobody copies, carries or deletes for the link any more: all its workers have obeyed the wish to pause it. */
const restRecord = z.object({
  link: z.string(),
  /** `updatedAt` of the link's record that was obeyed. */
  wish: z.number(),
  generation: z.number().int(),
  at: z.number(),
})

/** Which way a link runs. The highest epoch counts, whichever of its two clusters tells it. */
const directionRecord = z.object({
  link: z.string(),
  epoch: z.number().int().min(1),
  fromClusterId: z.string(),
  toClusterId: z.string(),
  at: z.number(),
})

/** Damage that a worker found which does not write mirror records; the leading one takes it over into the mirror's. */
const findingRecord = z.object({
  link: z.string(),
  topic: z.string(),
  /** The mirror it was found in: one that was made again since has nothing of it. */
  mirrorTopicId: z.string(),
  damage,
})

/** One leader epoch of the source in what was copied into a partition (`copier/source-epochs`). */
const epochRecord = z.object({
  link: z.string(),
  topic: z.string(),
  /** The mirror that was copied into: one that was made again since has nothing of it. */
  mirrorTopicId: z.string(),
  from: z.number().int(),
  after: z.number().int(),
})

export type LinkRecord = z.infer<typeof linkRecord>
export type GapsRecord = z.infer<typeof gapsRecord>
export type LeaseRecord = z.infer<typeof leaseRecord>
export type MirrorRecord = z.infer<typeof mirrorRecord>
export type FindingRecord = z.infer<typeof findingRecord>
export type EpochRecord = z.infer<typeof epochRecord>
export type RestRecord = z.infer<typeof restRecord>
export type DirectionRecord = z.infer<typeof directionRecord>

/**
 * What is said of links in `__kmc_state` of their destination cluster, one key a fact:
 * `link/NAME` what an operator wants, `lease/NAME` who works on it, `gaps/NAME` how it fills gaps, `mirror/NAME/TOPIC`
 * which topics it made (written by the leading worker), `finding/NAME/TOPIC/PARTITION` what another worker found wrong
 * with a partition of its own, `epoch/NAME/TOPIC/PARTITION/EPOCH` which leader epoch of the source begins where in what
 * was copied (written before that is copied, by whoever does), `owned/NAME/WHAT` what else the link made,
 * `intent/NAME/TOPIC` what an operator wants of one mirror, `receipt/NAME/TOPIC/ID` what was decided about its records,
 * `rest/NAME` that nobody works on it, and, on
 * both clusters, `direction/NAME` which way it runs when not as declared.
 */
export type StateChange =
  | { readonly kind: 'link'; readonly name: string; readonly record: LinkRecord | null }
  | { readonly kind: 'gaps'; readonly name: string; readonly record: GapsRecord | null }
  | { readonly kind: 'lease'; readonly name: string; readonly record: LeaseRecord | null }
  | { readonly kind: 'rest'; readonly name: string; readonly record: RestRecord | null }
  | { readonly kind: 'direction'; readonly name: string; readonly record: DirectionRecord | null }
  | {
      readonly kind: 'mirror'
      readonly name: string
      readonly topic: string
      readonly record: MirrorRecord | null
    }
  | {
      readonly kind: 'intent'
      readonly name: string
      readonly topic: string
      readonly record: IntentRecord | null
    }
  | {
      readonly kind: 'receipt'
      readonly name: string
      readonly topic: string
      readonly record: ReceiptRecord
    }
  | {
      readonly kind: 'owned'
      readonly name: string
      readonly what: string
      readonly record: OwnedRecord | null
    }
  | {
      readonly kind: 'finding'
      readonly name: string
      readonly topic: string
      readonly partition: number
      readonly record: FindingRecord | null
    }
  | {
      readonly kind: 'report'
      readonly name: string
      readonly worker: string
      readonly record: ReportRecord | null
    }
  | {
      readonly kind: 'epoch'
      readonly name: string
      readonly topic: string
      readonly partition: number
      readonly epoch: number
      readonly record: EpochRecord | null
    }

function keyOf(change: StateChange): string {
  switch (change.kind) {
    case 'mirror':
    case 'intent':
      return `${change.kind}/${change.name}/${change.topic}`
    case 'receipt':
      return `receipt/${change.name}/${change.topic}/${change.record.id}`
    case 'owned':
      return `owned/${change.name}/${change.what}`
    case 'finding':
      return `finding/${change.name}/${change.topic}/${change.partition}`
    case 'report':
      return `report/${change.name}/${change.worker}`
    case 'epoch':
      return `epoch/${change.name}/${change.topic}/${change.partition}/${change.epoch}`
    default:
      return `${change.kind}/${change.name}`
  }
}

export function encodeChange(change: StateChange): { key: Buffer; value: Buffer | null } {
  const { record } = change
  return { key: Buffer.from(keyOf(change)), value: encodeValue(record) }
}

/** Reads one record of the topic; null for a key that this version does not know. @throws STATE_UNREADABLE */
export function decodeChange(key: Buffer | null, value: Buffer | null, offset: number): StateChange | null {
  const [kind, name, topic] = keyParts(key)
  if (name === undefined) return null
  switch (kind) {
    case 'link':
      return { kind, name, record: decodeValue(linkRecord, value, offset) }
    case 'gaps':
      return { kind, name, record: decodeValue(gapsRecord, value, offset) }
    case 'lease':
      return { kind, name, record: decodeValue(leaseRecord, value, offset) }
    case 'rest':
      return { kind, name, record: decodeValue(restRecord, value, offset) }
    case 'direction':
      return { kind, name, record: decodeValue(directionRecord, value, offset) }
    case 'mirror':
      return topic === undefined
        ? null
        : { kind, name, topic, record: decodeValue(mirrorRecord, value, offset) }
    case 'intent':
      return topic === undefined
        ? null
        : { kind, name, topic, record: decodeValue(intentRecord, value, offset) }
    case 'receipt':
      return topic === undefined ? null : receiptOf(name, decodeValue(receiptRecord, value, offset))
    case 'owned':
      return topic === undefined
        ? null
        : { kind, name, what: topic, record: decodeValue(ownedRecord, value, offset) }
    case 'finding':
      return findingOf(name, topic ?? '', value, offset)
    case 'report':
      return topic === undefined
        ? null
        : { kind, name, worker: topic, record: decodeValue(reportRecord, value, offset) }
    case 'epoch':
      return epochOf(name, topic ?? '', value, offset)
    default:
      return null
  }
}

/** A receipt is never taken back; whoever deletes one by hand deletes it for nobody. */
function receiptOf(name: string, record: ReceiptRecord | null): StateChange | null {
  return record === null ? null : { kind: 'receipt', name, topic: record.topic, record }
}

function findingOf(name: string, place: string, value: Buffer | null, offset: number): StateChange | null {
  const match = /^(.+)\/(\d{1,9})$/.exec(place)
  if (match === null) return null
  const record = decodeValue(findingRecord, value, offset)
  return { kind: 'finding', name, topic: match[1]!, partition: Number(match[2]), record }
}

function epochOf(name: string, place: string, value: Buffer | null, offset: number): StateChange | null {
  const match = /^(.+)\/(\d{1,9})\/(\d{1,10})$/.exec(place)
  if (match === null) return null
  const [, topic, partition, epoch] = match
  const record = decodeValue(epochRecord, value, offset)
  return { kind: 'epoch', name, topic: topic!, partition: Number(partition), epoch: Number(epoch), record }
}
