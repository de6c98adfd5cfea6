import { createHash, type Hash } from 'node:crypto'
import type { VisibleRecord } from '../../client/records/visible.ts'

/** Offsets that share one digest: small enough to find a difference fast, large enough to cost nothing. */
export const RANGE_OFFSETS = 10_000

export type RangeDigest = {
  /** First offset of the range; ranges begin at multiples of RANGE_OFFSETS. */
  readonly from: number
  readonly records: number
  /** SHA-256 in hex over (offset, timestamp, key, value, headers) of every visible record. */
  readonly digest: string
}

/** Digests of one partition's visible records, range by range; a range without records has none. */
export class RangeDigests {
  readonly #finished: RangeDigest[] = []
  #range = -1
  #records = 0
  #hash: Hash | null = null
  readonly #head = Buffer.alloc(20)

  add(record: VisibleRecord): void {
    const range = Math.floor(record.offset / RANGE_OFFSETS)
    if (range !== this.#range) this.#begin(range)
    this.#head.writeBigInt64BE(BigInt(record.offset), 0)
    this.#head.writeBigInt64BE(BigInt(record.timestamp), 8)
    this.#head.writeInt32BE(record.body.length, 16)
    this.#hash!.update(this.#head).update(record.body)
    this.#records++
  }

  finish(): readonly RangeDigest[] {
    this.#begin(-1)
    return this.#finished
  }

  #begin(range: number): void {
    if (this.#hash !== null) {
      const digest = this.#hash.digest('hex')
      this.#finished.push({ from: this.#range * RANGE_OFFSETS, records: this.#records, digest })
    }
    this.#range = range
    this.#records = 0
    this.#hash = range < 0 ? null : createHash('sha256')
  }
}

/** First offsets of the ranges in which two sides differ, in order. */
export function differingRanges(a: readonly RangeDigest[], b: readonly RangeDigest[]): number[] {
  const digests = new Map(a.map((range) => [range.from, range.digest]))
  const other = new Map(b.map((range) => [range.from, range.digest]))
  const all = new Set([...digests.keys(), ...other.keys()])
  return [...all].filter((from) => digests.get(from) !== other.get(from)).sort((x, y) => x - y)
}
