import type { Clock } from '../../../base/clock.ts'
import { buildBatch } from '../../../wire/batch/build.ts'
import { readBatchHeader } from '../../../wire/batch/header.ts'
import { putInt64 } from '../../../wire/int64.ts'
import {
  type DestinationPort,
  type Fetched,
  type FetchItem,
  plainMemory,
  type SourcePort,
  type TopicPartition,
} from '../../port.ts'

/** Records in each batch of the model, and what such a batch weighs. */
export const BATCH_RECORDS = 16

const name = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`

function batchOf(recordBytes: number): Buffer {
  const value = Buffer.alloc(recordBytes, 'x')
  const records = Array.from({ length: BATCH_RECORDS }, (_, offset) => ({ offset, timestamp: 0, value }))
  return buildBatch({ records })
}

/**
 * A source of many partitions full of equal batches. It answers as a broker does: in the order asked, up to the bytes
 * asked, the first batch whole, and waits when there is nothing. It can send `bytesPerSecond`.
 */
export class ManySource implements SourcePort {
  readonly memory = plainMemory
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #template: Buffer
  readonly #ends = new Map<string, number>()
  /** Bytes sent of each topic. */
  readonly sent = new Map<string, number>()
  readonly largestAsk: number[] = []

  constructor(clock: Clock, options: { readonly bytesPerSecond: number; readonly recordBytes: number }) {
    this.#clock = clock
    this.#bytesPerSecond = options.bytesPerSecond
    this.#template = batchOf(options.recordBytes)
  }

  get batchBytes(): number {
    return this.#template.length
  }
  leaderOf(): number {
    return 1
  }
  async refresh(): Promise<void> {}
  pin(): void {}

  /** Writes batches to the end of a partition. */
  append(at: TopicPartition, batches: number): void {
    this.#ends.set(name(at), this.#endOf(at) + batches * BATCH_RECORDS)
  }

  async ranges(_node: number, partitions: readonly TopicPartition[]) {
    return partitions.map((at) => ({ ...at, errorCode: 0, start: 0, end: this.#endOf(at) }))
  }

  async fetch(_node: number, items: readonly FetchItem[], options: { maxWaitMs: number; maxBytes: number }) {
    const until = this.#clock.now() + options.maxWaitMs
    this.largestAsk.push(options.maxBytes)
    while (items.every((item) => item.offset >= this.#endOf(item)) && this.#clock.now() < until) {
      await this.#clock.sleep(Math.min(10, until - this.#clock.now()))
    }
    let left = options.maxBytes
    let sent = 0
    const answers = items.map((item): Fetched => {
      const room = Math.floor(Math.min(left, item.maxBytes) / this.batchBytes)
      const there = (this.#endOf(item) - item.offset) / BATCH_RECORDS
      const count = Math.min(there, sent === 0 ? Math.max(1, room) : room)
      const bytes = count * this.batchBytes
      left -= bytes
      sent += bytes
      this.sent.set(item.topic, (this.sent.get(item.topic) ?? 0) + bytes)
      return this.#answer(item, count)
    })
    await this.#clock.sleep(1 + (sent / this.#bytesPerSecond) * 1_000)
    return answers
  }

  #endOf(at: TopicPartition): number {
    return this.#ends.get(name(at)) ?? 0
  }

  #answer({ topic, partition, offset }: FetchItem, count: number): Fetched {
    const records = Buffer.concat(Array.from({ length: count }, () => this.#template))
    for (let index = 0; index < count; index++) {
      putInt64(records, index * this.batchBytes, offset + index * BATCH_RECORDS, 'base offset')
    }
    const end = this.#endOf({ topic, partition })
    const nothing = { errorCode: 0, logStartOffset: 0, abortedTransactions: [] }
    return { topic, partition, ...nothing, lastStableOffset: end, records: count === 0 ? null : records }
  }
}

/** A destination of many partitions that takes `bytesPerSecond`; partitions on `stuckNode` never get an answer. */
export class ManyDestination implements DestinationPort {
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  readonly #ends = new Map<string, number>()
  readonly #isStuck: (at: TopicPartition) => boolean
  #busyUntil = 0

  constructor(
    clock: Clock,
    options: { readonly bytesPerSecond: number; readonly isStuck?: (at: TopicPartition) => boolean },
  ) {
    this.#clock = clock
    this.#bytesPerSecond = options.bytesPerSecond
    this.#isStuck = options.isStuck ?? (() => false)
  }

  /** Stuck partitions are led by a broker of their own, as no broker answers for part of a request. */
  leaderOf(at: TopicPartition): number {
    return this.#isStuck(at) ? 2 : 1
  }
  async refresh(): Promise<void> {}
  endOf(at: TopicPartition): number {
    return this.#ends.get(name(at)) ?? 0
  }
  async ends(_node: number, partitions: readonly TopicPartition[]) {
    return partitions.map((at) => ({ ...at, errorCode: 0, offset: this.endOf(at) }))
  }
  visibleEnds(node: number, partitions: readonly TopicPartition[]) {
    return this.ends(node, partitions)
  }
  async producers(_node: number, partitions: readonly TopicPartition[]) {
    return partitions.map((at) => ({ ...at, errorCode: 0, producers: [] }))
  }
  async tails(_node: number, items: readonly TopicPartition[]) {
    return items.map((at) => ({ ...at, errorCode: 0, batch: null }))
  }
  async deleteRecords(_node: number, items: readonly TopicPartition[]) {
    return items.map((at) => ({ ...at, errorCode: 0 }))
  }
  async writeMarkers(_node: number, _writer: unknown, items: readonly TopicPartition[]) {
    return items.map((at) => ({ ...at, errorCode: 0 }))
  }

  async produce(node: number, _lane: number, items: readonly (TopicPartition & { batch: Buffer })[]) {
    if (node === 2) await new Promise(() => {})
    const bytes = items.reduce((sum, { batch }) => sum + batch.length, 0)
    const begin = Math.max(this.#clock.now(), this.#busyUntil)
    this.#busyUntil = begin + (bytes / this.#bytesPerSecond) * 1_000
    await this.#clock.sleep(1 + this.#busyUntil - this.#clock.now())
    return items.map((item) => {
      const baseOffset = this.endOf(item)
      this.#ends.set(name(item), baseOffset + readBatchHeader(item.batch, 0).recordCount)
      return { topic: item.topic, partition: item.partition, errorCode: 0, baseOffset, message: null }
    })
  }
}
