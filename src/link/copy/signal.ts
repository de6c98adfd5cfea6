/** Lets one loop wait until something happens, or a time has passed; a signal given early is not lost. */
export class Signal {
  #wake: (() => void) | null = null
  #given = false

  give(): void {
    this.#given = true
    this.#wake?.()
  }

  async wait(sleep: (signal: AbortSignal) => Promise<void>): Promise<void> {
    if (!this.#given) {
      const abort = new AbortController()
      this.#wake = () => abort.abort()
      await sleep(abort.signal)
      this.#wake = null
    }
    this.#given = false
  }
}
