import { partitionName, type TopicPartition } from '../../../client/partition.ts'
import type { ConsumedRecord } from '../../../client/records/read-topic.ts'
import { serverError } from '../../errors.ts'

/** A partition and the offset that is read next, or was. */
export type Position = TopicPartition & { readonly offset: number }

/** What was read and not handed out yet stands in `waiting`, from `next` to `fetchAt`. */
type Lane = TopicPartition & {
  fetchAt: number
  next: number
  /** As far as those who asked have the records; the rest is on its way to them. */
  given: number
  waiting: ConsumedRecord[]
}

/** What a record takes of an answer, about. */
export const sizeOf = ({ key, value }: ConsumedRecord): number => (key?.length ?? 0) + (value?.length ?? 0)

/**
 * The partitions that a consumer instance has, how far it is in each, and the records that were read ahead. Without
 * I/O.
 */
export class Held {
  #lanes = new Map<string, Lane>()

  get partitions(): TopicPartition[] {
    return [...this.#lanes.values()].map(({ topic, partition }) => ({ topic, partition }))
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0
  }

  /** Begins anew with these partitions. */
  take(positions: readonly Position[]): void {
    this.#lanes = new Map(
      positions.map(({ topic, partition, offset }) => {
        const lane = { topic, partition, fetchAt: offset, next: offset, given: offset, waiting: [] }
        return [partitionName(lane), lane]
      }),
    )
  }

  /** Where to read on: partitions of which nothing waits. */
  wanted(): Position[] {
    return [...this.#lanes.values()]
      .filter(({ waiting }) => waiting.length === 0)
      .map(({ topic, partition, fetchAt }) => ({ topic, partition, offset: fetchAt }))
  }

  /** Takes what was read from `from` on; what was read for another position, or partition, is dropped. */
  put(from: Position, records: readonly ConsumedRecord[], next: number): void {
    const lane = this.#lanes.get(partitionName(from))
    if (lane === undefined || lane.fetchAt !== from.offset) return
    lane.waiting.push(...records)
    lane.fetchAt = next
    if (lane.waiting.length === 0) lane.next = next
  }

  /** Whether records wait that would not fit into what was handed. */
  get hasWaiting(): boolean {
    return [...this.#lanes.values()].some(({ waiting }) => waiting.length > 0)
  }

  /**
   * Records in order within their partitions, up to so many bytes; the first one goes however large it is where
   * `isFirst`, or nothing would ever go on. A partition of which nothing waits any more goes to the end of the row.
   */
  hand(bytesMax: number, isFirst: boolean): ConsumedRecord[] {
    const handed: ConsumedRecord[] = []
    let bytes = 0
    for (const [name, lane] of [...this.#lanes]) {
      let count = 0
      for (const record of lane.waiting) {
        const isForced = isFirst && handed.length + count === 0
        if (bytes + sizeOf(record) > bytesMax && !isForced) break
        bytes += sizeOf(record)
        count += 1
      }
      handed.push(...lane.waiting.splice(0, count))
      lane.next = lane.waiting[0]?.offset ?? lane.fetchAt
      if (lane.waiting.length > 0) break
      if (count === 0) continue
      this.#lanes.delete(name)
      this.#lanes.set(name, lane)
    }
    return handed
  }

  /** Puts back what was handed last and did not arrive; what the partition begins anew with comes again by itself. */
  giveBack(records: readonly ConsumedRecord[]): void {
    for (const record of records.toReversed()) {
      const lane = this.#lanes.get(partitionName(record))
      if (lane === undefined || record.offset < lane.given) continue
      if (record.offset >= (lane.waiting[0]?.offset ?? lane.fetchAt)) continue
      lane.waiting.unshift(record)
      lane.next = record.offset
    }
  }

  /** Those who asked have what was handed. */
  arrived(): void {
    for (const lane of this.#lanes.values()) lane.given = lane.next
  }

  /** Positions of what has arrived. */
  given(): Position[] {
    return [...this.#lanes.values()].map(({ topic, partition, given: offset }) => ({
      topic,
      partition,
      offset,
    }))
  }

  /** @throws CONSUMER_STATE where the partition is not held */
  check(place: TopicPartition): void {
    if (this.#lanes.has(partitionName(place))) return
    throw serverError(
      'CONSUMER_STATE',
      `the consumer instance does not have partition ${partitionName(place)}`,
    )
  }

  /** @throws CONSUMER_STATE */
  seek({ topic, partition, offset }: Position): void {
    this.check({ topic, partition })
    const lane = this.#lanes.get(partitionName({ topic, partition }))!
    Object.assign(lane, { fetchAt: offset, next: offset, given: offset, waiting: [] })
  }
}
