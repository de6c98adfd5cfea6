import { type MessageToProduce, Producer } from '@platformatic/kafka'
import type { ClusterConfig } from '../../client/config.ts'
import { partitionOfKey } from '../../client/records/partitioner.ts'
import { usageError } from '../errors.ts'
import { fromLibrary, libraryOptions } from './library.ts'
import type { NewRecord } from './read-record.ts'

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type WriteOptions = {
  readonly topic: string
  readonly partitionCount: number
  readonly compression: (typeof codecs)[number]
  /** `all` also makes the writer idempotent: a repeated request writes nothing twice. */
  readonly acks: 'all' | '1' | '0'
}

/** What was written to one partition; offsets are null with `acks: 0`, where no broker answers. */
export type Written = {
  readonly partition: number
  readonly records: number
  readonly firstOffset: number | null
  readonly lastOffset: number | null
}

const ACKS = { all: -1, '1': 1, '0': 0 } as const

/** Writes records to one topic; a key's records go where Kafka's Java clients put them (murmur2). */
export class RecordWriter {
  readonly #producer: Producer
  readonly #options: WriteOptions
  readonly #written = new Map<number, Written>()
  #turn = 0

  constructor(config: ClusterConfig, options: WriteOptions) {
    this.#options = options
    this.#producer = new Producer({
      ...libraryOptions(config),
      idempotent: options.acks === 'all',
      acks: ACKS[options.acks],
      compression: options.compression,
      autocreateTopics: false,
    })
  }

  /** Where things went so far, by partition. */
  get written(): Written[] {
    return [...this.#written.values()].sort((a, b) => a.partition - b.partition)
  }

  /**
   * Writes and waits for the answer. Records without key and partition go to one partition a call, the next one at the
   * next call: large batches, and an even spread over time. Errors: LIBRARY_FAILED; USAGE for a partition that is not
   * there.
   */
  async write(records: readonly NewRecord[]): Promise<void> {
    const { topic } = this.#options
    const sticky = this.#turn % this.#options.partitionCount
    this.#turn += 1
    const messages = records.map((record) => this.#message(record, sticky))
    try {
      const { offsets } = await this.#producer.send({ messages })
      this.#count(messages, new Map(offsets?.map(({ partition, offset }) => [partition, Number(offset)])))
    } catch (error) {
      throw fromLibrary(error, `Writing ${records.length} records to ${topic}`)
    }
  }

  async close(): Promise<void> {
    await this.#producer.close()
  }

  #message(record: NewRecord, sticky: number): MessageToProduce & { readonly partition: number } {
    const { topic } = this.#options
    return {
      topic,
      partition: this.#partitionOf(record, sticky),
      ...(record.key === null ? {} : { key: record.key }),
      ...(record.value === null ? {} : { value: record.value }),
      ...(record.timestamp === null ? {} : { timestamp: BigInt(record.timestamp) }),
      headers: new Map(record.headers.map(({ key, value }) => [key, value as Buffer])),
    }
  }

  #partitionOf({ partition, key }: NewRecord, sticky: number): number {
    const { topic, partitionCount } = this.#options
    if (partition === null) return key === null ? sticky : partitionOfKey(key, partitionCount)
    if (partition < partitionCount) return partition
    throw usageError(`Topic ${topic} has partitions 0 to ${partitionCount - 1}, not ${partition}`)
  }

  /** The answer names the first offset of each partition; the records of one call stand side by side. */
  #count(
    messages: readonly { readonly partition: number }[],
    baseOffsets: ReadonlyMap<number, number>,
  ): void {
    for (const [partition, part] of Map.groupBy(messages, (message) => message.partition)) {
      const before = this.#written.get(partition)
      const base = baseOffsets.get(partition) ?? null
      this.#written.set(partition, {
        partition,
        records: (before?.records ?? 0) + part.length,
        firstOffset: before?.firstOffset ?? base,
        lastOffset: base === null ? null : base + part.length - 1,
      })
    }
  }
}
