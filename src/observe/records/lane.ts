import type { ConsumedRecord } from '../../client/records/read-topic.ts'

export type Order = 'newest' | 'oldest'

/** Where a page begins in one partition, and where reading ends there: at the log's end, or at its start. */
export type LanePlace = { readonly partition: number; readonly at: number; readonly limit: number }

/** A stretch of one partition that is to be read. */
export type Window = { readonly partition: number; readonly from: number; readonly to: number }

const WINDOW_MAX = 10_000

/**
 * One partition of a page being made: read window by window, forwards or backwards, with what was found and not shown
 * yet. Without I/O.
 */
export class Lane {
  readonly partition: number
  readonly #order: Order
  readonly #limit: number
  readonly #found: ConsumedRecord[] = []
  /** The next offset to read (oldest first), or the one above it (newest first). */
  #at: number
  #windowSize: number

  constructor({ partition, at, limit }: LanePlace, order: Order, windowSize: number) {
    this.partition = partition
    this.#order = order
    this.#at = at
    this.#limit = limit
    this.#windowSize = windowSize
  }

  get head(): ConsumedRecord | undefined {
    return this.#found[0]
  }

  get isRead(): boolean {
    return this.#order === 'oldest' ? this.#at >= this.#limit : this.#at <= this.#limit
  }

  /** Where the next page goes on in this partition. */
  get place(): LanePlace {
    const { partition, head } = this
    const at = head === undefined ? this.#at : this.#order === 'oldest' ? head.offset : head.offset + 1
    return { partition, at, limit: this.#limit }
  }

  get isOver(): boolean {
    return this.isRead && this.head === undefined
  }

  shift(): ConsumedRecord {
    return this.#found.shift()!
  }

  window(): Window {
    const { partition } = this
    if (this.#order === 'oldest') {
      return { partition, from: this.#at, to: Math.min(this.#limit, this.#at + this.#windowSize) }
    }
    return { partition, from: Math.max(this.#limit, this.#at - this.#windowSize), to: this.#at }
  }

  /** Takes what was found in the window; the next one is larger, as little was found so far. */
  take({ from, to }: Window, found: readonly ConsumedRecord[]): void {
    this.#at = this.#order === 'oldest' ? to : from
    this.#found.push(...(this.#order === 'oldest' ? found : found.toReversed()))
    this.#windowSize = Math.min(WINDOW_MAX, this.#windowSize * 2)
  }
}
