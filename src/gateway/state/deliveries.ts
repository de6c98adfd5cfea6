import type { ProduceResponse } from '../../wire/apis/000-produce.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'
import { CHECKED_AFTER_SWAP_MS, SEQUENCES_MAX, UNCERTAIN_MAX } from '../limits.ts'

/** What becomes of a batch that a producer sends after a switch. */
export type Fate =
  | { readonly kind: 'new' }
  /** It is there already, at this offset: the last cluster took it, and it was mirrored. */
  | { readonly kind: 'delivered'; readonly offset: number }
  /** Another batch of this producer has to come first. */
  | { readonly kind: 'early' }

/** A batch that went to a broker; `from` is behind what was told of its partition then: it cannot stand before. */
export type Sent = ScannedPartition & { readonly from: number }

/** A batch that was on its way when its connection ended: nobody knows whether it was written. */
export type Uncertain = Sent & {
  readonly at: number
  /** Where it stands on the cluster that serves now; null as long as nobody found it there. */
  offset: number | null
}

/**
 * What is looked for in one partition: `from` is behind what a producer was surely told of it. `isStamped`: its broker
 * gave records their times, after which nothing in a batch is as it was sent.
 */
export type Search = {
  readonly from: number
  readonly batches: readonly Uncertain[]
  readonly isStamped: boolean
}

type Sequence = {
  epoch: number
  next: number
  generation: number
  /** The batch that was the first to be answered as too early; null for none. */
  early: string | null
}

/** Fields of a record batch (KIP-98). */
const AT = {
  attributes: 21,
  lastOffsetDelta: 23,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
}
const HEAD_BYTES = 61
const TRANSACTIONAL = 0x10
/** Sequences begin anew behind it (Kafka's DefaultRecordBatch.incrementSequence). */
const SEQUENCES = 2 ** 31
const STAMPED_TOPICS_MAX = 10_000

/**
 * What an idempotent producer was last told per partition, and what nobody knows. A cluster that never heard of a
 * producer takes its first batch unseen, so the gateway looks in its place: whether that batch is the next one, and
 * whether it is there already. Pure.
 */
export class Deliveries {
  /** By producer id and partition. */
  readonly #sequences = new Map<string, Sequence>()
  /** By partition, the last offset that a producer was told. */
  readonly #offsets = new Map<string, number>()
  readonly #uncertain = new Map<string, Uncertain>()
  /** Topics whose broker gives records their times. */
  readonly #stamped = new Set<string>()
  readonly #now: () => number
  readonly #onTaken: (batch: ScannedPartition, baseOffset: number) => void

  /** `onTaken`: a batch stands at an offset, and its client is being told so. */
  constructor(now: () => number, onTaken: (batch: ScannedPartition, baseOffset: number) => void = () => {}) {
    this.#now = now
    this.#onTaken = onTaken
  }

  /** All of a request has just gone to a broker. */
  passed(batches: readonly ScannedPartition[]): Sent[] {
    return batches.map((batch) => ({ ...batch, from: (this.#offsets.get(partitionOf(batch)) ?? -1) + 1 }))
  }

  /** A broker has told what became of batches; the offsets of those it wrote are taken. */
  answered(batches: readonly ScannedPartition[], { responses }: ProduceResponse, generation: number): void {
    const batchAt = finderIn(batches)
    for (const { name, partitionResponses } of responses) {
      for (const { index, errorCode, baseOffset, logAppendTimeMs } of partitionResponses) {
        if (errorCode !== 0) continue
        if (logAppendTimeMs >= 0) this.#noteStamped(name)
        const batch = batchAt(name, index)
        if (batch === undefined || batch.batchHead.length < HEAD_BYTES) continue
        if (this.#uncertain.size > 0) this.#uncertain.delete(nameOf(batch))
        this.#took(batch, baseOffset, generation)
      }
    }
  }

  /** A connection ended before these were answered: of too many the oldest are forgotten. */
  lost(batches: readonly Sent[]): void {
    const at = this.#now()
    this.#forgetUncertain(at)
    for (const batch of batches) {
      if (batch.batchHead.length < HEAD_BYTES) continue
      const name = nameOf(batch)
      this.#uncertain.delete(name)
      this.#uncertain.set(name, { ...batch, at, offset: null })
      if (this.#uncertain.size > UNCERTAIN_MAX) this.#uncertain.delete(this.#uncertain.keys().next().value!)
    }
  }

  /** Another cluster serves, whose logs may end elsewhere. */
  beginAnew(): void {
    this.#offsets.clear()
  }

  /** By partition `topic-partition`, what is to be looked for on the next cluster, and from where on. */
  toLookFor(): Map<string, Search> {
    const byPartition = Map.groupBy(this.#uncertain.values(), partitionOf)
    return new Map(
      [...byPartition].map(([partition, batches]) => {
        const from = batches.reduce((least, batch) => Math.min(least, batch.from), Number.MAX_SAFE_INTEGER)
        return [partition, { from, batches, isStamped: this.#stamped.has(batches[0]!.topic) }]
      }),
    )
  }

  get hasUncertain(): boolean {
    this.#forgetUncertain(this.#now())
    return this.#uncertain.size > 0
  }

  /** What a batch is to the cluster of this generation. Nothing is noted before it is answered. */
  judge(batch: ScannedPartition, generation: number): Fate {
    const { batchHead } = batch
    if (batchHead.length < HEAD_BYTES || isTransactional(batchHead)) return { kind: 'new' }
    const uncertain = this.#uncertain.get(nameOf(batch))
    if (uncertain !== undefined && uncertain.offset !== null)
      return { kind: 'delivered', offset: uncertain.offset }
    const known = this.#sequences.get(sequenceName(batch))
    if (known === undefined || known.generation === generation) return { kind: 'new' }
    const isNext =
      batchHead.readInt16BE(AT.producerEpoch) === known.epoch
        ? batchHead.readInt32BE(AT.baseSequence) === known.next
        : batchHead.readInt32BE(AT.baseSequence) === 0
    // Sent again as it was, it is the oldest that its producer has: the last ones went through another gateway.
    const isOldest = known.early === headNameOf(batch)
    return isNext || isOldest ? { kind: 'new' } : { kind: 'early' }
  }

  /** The client is told that a batch is too early, and so sends again all that it was told nothing of, in order. */
  refused(batch: ScannedPartition): void {
    const known = this.#sequences.get(sequenceName(batch))
    if (known !== undefined) known.early ??= headNameOf(batch)
  }

  /** A batch goes to the cluster of this generation, as its first there or a later one. */
  sent(batch: ScannedPartition, generation: number): void {
    const known = this.#sequences.get(sequenceName(batch))
    if (known === undefined) return
    known.generation = generation
    known.early = null
  }

  /** The client was told that a batch is there. */
  told(batch: ScannedPartition, offset: number, generation: number): void {
    this.#uncertain.delete(nameOf(batch))
    this.#took(batch, offset, generation)
  }

  #took(batch: ScannedPartition, baseOffset: number, generation: number): void {
    this.#onTaken(batch, baseOffset)
    const { batchHead } = batch
    const last = baseOffset + batchHead.readInt32BE(AT.lastOffsetDelta)
    const partition = partitionOf(batch)
    this.#offsets.set(partition, Math.max(last, this.#offsets.get(partition) ?? -1))
    if (batchHead.readBigInt64BE(AT.producerId) < 0n || isTransactional(batchHead)) return
    const name = sequenceName(batch)
    const next = (batchHead.readInt32BE(AT.baseSequence) + batchHead.readInt32BE(AT.recordCount)) % SEQUENCES
    // Put last: the first one is who was silent longest.
    this.#sequences.delete(name)
    const epoch = batchHead.readInt16BE(AT.producerEpoch)
    this.#sequences.set(name, { epoch, next, generation, early: null })
    if (this.#sequences.size > SEQUENCES_MAX) this.#sequences.delete(this.#sequences.keys().next().value!)
  }

  #noteStamped(topic: string): void {
    this.#stamped.add(topic)
    if (this.#stamped.size > STAMPED_TOPICS_MAX) this.#stamped.delete(this.#stamped.values().next().value!)
  }

  /** Producers give up after two minutes: what is older is not sent again. */
  #forgetUncertain(now: number): void {
    for (const [name, { at }] of this.#uncertain) {
      if (now - at <= CHECKED_AFTER_SWAP_MS) return
      this.#uncertain.delete(name)
    }
  }
}

const FEW = 8

/** Finds the batch of a partition; of many not by looking at all of them for each. */
function finderIn(batches: readonly ScannedPartition[]) {
  if (batches.length <= FEW)
    return (topic: string, partition: number) =>
      batches.find((batch) => batch.partition === partition && batch.topic === topic)
  const byPartition = new Map(batches.map((batch) => [partitionOf(batch), batch]))
  return (topic: string, partition: number) => byPartition.get(`${topic}-${partition}`)
}

/** Of a batch as its head tells. */
export function recordCountOf(batchHead: Buffer): number {
  return batchHead.readInt32BE(AT.recordCount)
}

function isTransactional(batchHead: Buffer): boolean {
  return (batchHead.readInt16BE(AT.attributes) & TRANSACTIONAL) !== 0
}

function partitionOf({ topic, partition }: ScannedPartition): string {
  return `${topic}-${partition}`
}

function headNameOf({ batchHead }: ScannedPartition): string {
  return batchHead.toString('latin1')
}

/** A client sends a batch again byte for byte; its head has its checksum, and so stands for all of it. */
function nameOf(batch: ScannedPartition): string {
  return `${partitionOf(batch)} ${headNameOf(batch)}`
}

function sequenceName(batch: ScannedPartition): string {
  return `${batch.batchHead.readBigInt64BE(AT.producerId)} ${partitionOf(batch)}`
}
