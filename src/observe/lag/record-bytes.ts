type Look = { readonly bytes: number; readonly end: number }

/** How much a partition must have grown before its growth tells more than its whole size. */
const GROWTH_MIN = 100

/**
 * How many bytes one offset of a partition takes on disk: by what was added of late, else on the average of the whole
 * log. From this a lag gets its bytes.
 */
export class RecordBytes {
  #base: Look | null = null
  #perOffset: number | null = null

  /** Bytes an offset; null while it is not known. */
  get perOffset(): number | null {
    return this.#perOffset
  }

  /** A look at the size on disk, when the log went from `start` to `end`. */
  note(bytes: number, start: number, end: number): void {
    const grown = this.#base === null ? 0 : end - this.#base.end
    const added = this.#base === null ? 0 : bytes - this.#base.bytes
    if (grown >= GROWTH_MIN && added > 0) {
      this.#perOffset = added / grown
      this.#base = { bytes, end }
    } else {
      if (this.#perOffset === null && end > start && bytes > 0) this.#perOffset = bytes / (end - start)
      // Deleted segments, or a log that was made again: growth counts from here.
      if (this.#base === null || added < 0 || grown < 0) this.#base = { bytes, end }
    }
  }
}
