const WINDOW_MS = 60_000
const ATTEMPTS_MAX = 10
/** Of everybody together: addresses are cheap. */
const ATTEMPTS_MAX_ALL = 200
const ADDRESSES_MAX = 10_000

/** How often somebody may try to sign in: so many times a minute from an address, and from all together. */
export class Attempts {
  readonly #now: () => number
  #window = 0
  #all = 0
  readonly #byAddress = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts an attempt; false when it is one too many. */
  take(address: string): boolean {
    const window = Math.floor(this.#now() / WINDOW_MS)
    if (window !== this.#window) {
      this.#window = window
      this.#all = 0
      this.#byAddress.clear()
    }
    const before = this.#byAddress.get(address) ?? 0
    if (before >= ATTEMPTS_MAX || this.#all >= ATTEMPTS_MAX_ALL) return false
    if (before === 0 && this.#byAddress.size >= ADDRESSES_MAX) return false
    this.#all++
    this.#byAddress.set(address, before + 1)
    return true
  }
}
