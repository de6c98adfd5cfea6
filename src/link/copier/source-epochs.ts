const UNKNOWN = -1
/** A source changes leaders seldom; what is forgotten is only the older end of the list. */
const EPOCHS_MAX = 16

/** A leader epoch of the source: its first record that was read, and up to where the epochs before it are known. */
export type EpochStart = { readonly epoch: number; readonly from: number; readonly after: number }

/**
 * In which leader epoch the source wrote what was read of it. It outlives recoveries: a mirror that goes on from an
 * offset can say which log it was copied from, also where its last batch is a marker, which looks like any other.
 * Where somebody keeps them for the next worker (`restore`), nothing may be sent while they are not `stored`.
 */
export class SourceEpochs {
  #starts: EpochStart[] = []
  #stored: readonly EpochStart[] | null = null
  #floor = 0
  #to = 0

  /** Goes on from what an earlier worker noted of a mirror that ends at `to`; below `floor` others wrote it. */
  restore(
    starts: readonly EpochStart[],
    { floor, to }: { readonly floor: number; readonly to: number },
  ): void {
    if (this.#stored !== null) return
    this.#starts = [...starts]
    this.#stored = starts
    this.#floor = floor
    this.#to = to
  }

  get starts(): readonly EpochStart[] {
    return [...this.#starts]
  }
  /** Whether the next worker will know what this one does; true where nobody keeps it. */
  get areStored(): boolean {
    const stored = this.#stored
    return stored === null || (stored.length === this.#starts.length && stored.at(-1) === this.#starts.at(-1))
  }
  stored(starts: readonly EpochStart[]): void {
    this.#stored = starts
  }

  /** A batch of the epoch was read at these offsets, `to` not included. */
  note(epoch: number, from: number, to: number): void {
    // Read again: what is known beyond it stays.
    if (this.at(from) === epoch && this.at(to - 1) === epoch) return
    const starts = this.#starts
    let after = Math.min(from, this.#to)
    while (starts.length > 0 && starts.at(-1)!.from >= from) after = Math.min(after, starts.pop()!.after)
    // Epochs only grow: between two batches of one epoch there is no other.
    if (starts.at(-1)?.epoch !== epoch) {
      starts.push({ epoch, from, after })
      if (starts.length > EPOCHS_MAX) starts.shift()
    }
    this.#to = to
  }

  /** The epoch of what stands at the offset; -1 where that was not read. */
  at(offset: number): number {
    if (offset < this.#floor || offset >= this.#to) return UNKNOWN
    const start = this.#starts.findLast(({ after }) => after <= offset)
    return start === undefined || offset < start.from ? UNKNOWN : start.epoch
  }
}

/**
 * One list of what several workers have noted, each epoch by itself. Epochs and offsets grow together, so what an
 * older epoch began at or beyond a newer one's start was lost, or never got so far.
 */
export function inOrder(noted: Iterable<EpochStart>): EpochStart[] {
  const kept: EpochStart[] = []
  for (const start of [...noted].sort((a, b) => a.epoch - b.epoch)) {
    while (kept.length > 0 && kept.at(-1)!.from >= start.from) kept.pop()
    kept.push(start)
  }
  return kept
}
