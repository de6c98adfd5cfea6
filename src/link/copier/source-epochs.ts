const UNKNOWN = -1
/** A source changes leaders seldom; what is forgotten is only the older end of the list. */
const EPOCHS_MAX = 64

/**
 * In which leader epoch the source wrote what was read of it. It outlives recoveries: a mirror that goes on from an
 * offset can say which log it was copied from, also where its last batch is a marker, which looks like any other.
 */
export class SourceEpochs {
  readonly #starts: { readonly from: number; readonly epoch: number }[] = []
  #to = 0

  /** A batch of the epoch was read at these offsets, `to` not included. */
  note(epoch: number, from: number, to: number): void {
    const starts = this.#starts
    while (starts.length > 0 && starts.at(-1)!.from >= from) starts.pop()
    // Epochs only grow: between two batches of one epoch there is no other.
    if (starts.at(-1)?.epoch !== epoch) {
      if (starts.length > 0 && from > this.#to) starts.push({ from: this.#to, epoch: UNKNOWN })
      starts.push({ from, epoch })
      if (starts.length > EPOCHS_MAX) starts.splice(0, starts.length - EPOCHS_MAX)
    }
    this.#to = to
  }

  /** The epoch of what stands at the offset; -1 where that was not read. */
  at(offset: number): number {
    if (offset >= this.#to) return UNKNOWN
    return this.#starts.findLast(({ from }) => from <= offset)?.epoch ?? UNKNOWN
  }
}
