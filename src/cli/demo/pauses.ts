/** How long a client went without an answer: at the longest, and from a given moment on. */
export class Pauses {
  #lastAt: number | null = null
  #longestMs = 0
  #markedAt: number | null = null
  #firstMs: number | null = null

  /** Something was answered. */
  note(atMs: number): void {
    if (this.#lastAt !== null) this.#longestMs = Math.max(this.#longestMs, atMs - this.#lastAt)
    if (this.#markedAt !== null) this.#firstMs ??= atMs - this.#markedAt
    this.#lastAt = atMs
  }

  /** From here on pauses count, the one that is under way from its beginning. */
  restart(): void {
    this.#longestMs = 0
  }

  /** The next answer is timed from here. */
  mark(atMs: number): void {
    this.#markedAt = atMs
    this.#firstMs = null
  }

  get longestMs(): number {
    return this.#longestMs
  }

  /** From `mark` to the first answer after it; null as long as there is none. */
  get firstMs(): number | null {
    return this.#firstMs
  }
}
