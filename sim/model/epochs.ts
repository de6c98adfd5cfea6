type EpochStart = { readonly epoch: number; readonly start: number }

/** The leader epochs of a log by the offset where each begins (Kafka's LeaderEpochFileCache, KIP-101). */
export class EpochCache {
  #starts: EpochStart[] = []

  wrote(epoch: number, start: number): void {
    if (epoch > (this.#starts.at(-1)?.epoch ?? -1)) this.#starts.push({ epoch, start })
  }

  /** truncateFromEnd. */
  cut(end: number): void {
    this.#starts = this.#starts.filter(({ start }) => start < end)
  }

  /** truncateFromStart: the epoch that holds the new start begins there from now on. */
  deleted(logStart: number): void {
    const first = this.#starts.findLast(({ start }) => start <= logStart)
    if (first === undefined) return
    const later = this.#starts.filter(({ start }) => start > logStart)
    this.#starts = [{ epoch: first.epoch, start: logStart }, ...later]
  }

  /** The newest epoch up to the one asked for, and where it ends (endOffsetFor); null when that is not known. */
  endOf(asked: number, logEnd: number): { readonly epoch: number; readonly endOffset: number } | null {
    const latest = this.#starts.at(-1)
    if (latest === undefined || latest.epoch < asked) return null
    if (latest.epoch === asked) return { epoch: asked, endOffset: logEnd }
    const newer = this.#starts.find(({ epoch }) => epoch > asked)!
    const known = this.#starts.findLast(({ epoch }) => epoch <= asked)
    return { epoch: known?.epoch ?? asked, endOffset: newer.start }
  }
}
