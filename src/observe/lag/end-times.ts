/** The log ended at `offset` from the look at `firstAt` to the look at `lastAt`, as far as was seen. */
type Look = { readonly offset: number; readonly firstAt: number; lastAt: number }

/** When the record at an offset was written. `isBound`: before that; nobody had looked yet. */
export type WrittenAt = { readonly at: number; readonly isBound: boolean }

/** Looks kept per partition; at one every 10 s and a steady stream this reaches back an hour and more, ever coarser. */
const LOOKS_MAX = 60

/**
 * Where a partition's log ended at what time, which turns an offset into the time of its record: from this a lag gets
 * its seconds, without a record being read. Between two looks the log is taken to have grown evenly.
 */
export class EndTimes {
  readonly #max: number
  #looks: Look[] = []

  constructor(max = LOOKS_MAX) {
    this.#max = max
  }

  get end(): number | null {
    return this.#looks.at(-1)?.offset ?? null
  }

  /** A look at the log's end. An end that went back is another log: what was known of the old one is forgotten. */
  note(offset: number, at: number): void {
    const last = this.#looks.at(-1)
    if (last !== undefined && offset < last.offset) this.#looks = []
    else if (last !== undefined && offset === last.offset) {
      last.lastAt = at
      return
    }
    this.#looks.push({ offset, firstAt: at, lastAt: at })
    if (this.#looks.length > this.#max) this.#thin()
  }

  /** Null when nothing at that offset has been seen to be written. */
  writtenAt(offset: number): WrittenAt | null {
    const next = this.#firstBeyond(offset)
    const after = this.#looks[next]
    if (after === undefined) return null
    const before = this.#looks[next - 1]
    if (before === undefined) return { at: after.firstAt, isBound: true }
    const share = (offset - before.offset) / (after.offset - before.offset)
    return { at: Math.round(before.lastAt + share * (after.firstAt - before.lastAt)), isBound: false }
  }

  /** Index of the first look at which the log ended beyond an offset. */
  #firstBeyond(offset: number): number {
    let low = 0
    let high = this.#looks.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#looks[middle]!.offset > offset) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Every second look of the older half goes; the first one stays, as it bounds what can be told. */
  #thin(): void {
    const half = this.#looks.length >> 1
    this.#looks = this.#looks.filter((_, at) => at >= half || at % 2 === 0)
  }
}
