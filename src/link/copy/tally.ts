/** How often something happened, from when to when, and what was said of it last. */
export type Count = {
  readonly code: string
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly firstAt: number
  readonly lastAt: number
  readonly message: string
}

/** Counts by code. Codes are those of the error table, so there are never many. */
export class Tally {
  readonly #counts = new Map<string, Count>()

  note(code: string, at: number, message: string): void {
    const known = this.#counts.get(code)
    const { count, firstAt } = known ?? { count: 0, firstAt: at }
    this.#counts.set(code, { code, count: count + 1, firstAt, lastAt: at, message })
  }

  /** It still lasts: seen again, not counted again. */
  seen(code: string, at: number): void {
    const known = this.#counts.get(code)
    if (known !== undefined) this.#counts.set(code, { ...known, lastAt: at })
  }

  list(): Count[] {
    return [...this.#counts.values()]
  }
}
