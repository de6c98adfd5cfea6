const WINDOW_MS = 60_000
const NAMES_MAX = 10_000

/** `all`: of everybody together, as addresses are cheap. */
export type AttemptLimits = { readonly each: number; readonly all: number }

/** How often somebody may try something: so many times a minute from an address, and from all together. */
export class Attempts {
  readonly #now: () => number
  readonly #limits: AttemptLimits
  #window = 0
  #all = 0
  readonly #byName = new Map<string, number>()

  constructor(now: () => number, limits: AttemptLimits) {
    this.#now = now
    this.#limits = limits
  }

  /** Counts an attempt; false when it is one too many. */
  take(name: string): boolean {
    const window = Math.floor(this.#now() / WINDOW_MS)
    if (window !== this.#window) {
      this.#window = window
      this.#all = 0
      this.#byName.clear()
    }
    const before = this.#byName.get(name) ?? 0
    if (before >= this.#limits.each || this.#all >= this.#limits.all) return false
    if (before === 0 && this.#byName.size >= NAMES_MAX) return false
    this.#all++
    this.#byName.set(name, before + 1)
    return true
  }
}
