import { createHash } from 'node:crypto'
import type { VisibleRecord } from '../../client/records/visible.ts'

/** More keys than this are not compared in one go: about 200 MB. */
const KEYS_MAX = 2_000_000

export type Latest = { readonly offset: number; readonly digest: string; readonly tombstone: boolean }

/**
 * The newest record of every key: what a compacted topic promises to keep. Each side's cleaner runs when it likes,
 * so older records and old tombstones may be on one side only without any being wrong.
 */
export class LatestByKey {
  readonly #latest = new Map<string, Latest>()
  #full = false

  /** True once keys had to be left out, so that the comparison says nothing about them. */
  get full(): boolean {
    return this.#full
  }
  get size(): number {
    return this.#latest.size
  }

  add(record: VisibleRecord): void {
    if (record.key === null) return
    const key = createHash('sha256').update(record.key).digest('base64').slice(0, 24)
    if (!this.#latest.has(key) && this.#latest.size >= KEYS_MAX) {
      this.#full = true
      return
    }
    const stamp = Buffer.alloc(8)
    stamp.writeBigInt64BE(BigInt(record.timestamp))
    const digest = createHash('sha256').update(stamp).update(record.body).digest('base64').slice(0, 24)
    this.#latest.set(key, { offset: record.offset, digest, tombstone: record.value === null })
  }

  /** The lowest offset at which the newest record of a key differs, or null when both sides agree. */
  firstDifference(other: LatestByKey): number | null {
    let first = Number.POSITIVE_INFINITY
    for (const [key, mine] of this.#latest) first = Math.min(first, differs(mine, other.#latest.get(key)))
    for (const [key, theirs] of other.#latest) first = Math.min(first, differs(theirs, this.#latest.get(key)))
    return first === Number.POSITIVE_INFINITY ? null : first
  }
}

function differs(a: Latest, b: Latest | undefined): number {
  const never = Number.POSITIVE_INFINITY
  if (b === undefined) return a.tombstone ? never : a.offset
  if (a.offset === b.offset && a.digest === b.digest) return never
  return a.tombstone && b.tombstone ? never : Math.min(a.offset, b.offset)
}
