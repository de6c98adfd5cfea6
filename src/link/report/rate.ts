const WINDOW_MS = 5_000

type Sample = { readonly at: number; readonly records: number; readonly bytes: number }

/** Records and bytes per second over the last five seconds. */
export class Rate {
  #samples: Sample[] = []

  note(sample: Sample): void {
    this.#samples.push(sample)
    while (this.#samples.length > 2 && sample.at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift()
  }

  now(): { recordsPerSecond: number; bytesPerSecond: number } {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    const seconds = first === undefined || last === undefined ? 0 : (last.at - first.at) / 1000
    if (first === undefined || last === undefined || seconds <= 0)
      return { recordsPerSecond: 0, bytesPerSecond: 0 }
    return {
      recordsPerSecond: Math.max(0, (last.records - first.records) / seconds),
      bytesPerSecond: Math.max(0, (last.bytes - first.bytes) / seconds),
    }
  }
}
