/** One slow use may be its own fault; a second one, with no answer between them, is not. */
const TIMEOUTS = 2
/** How long a silent cluster is left alone between two tries. */
const TRY_EVERY_MS = 2_000

/** Whether a cluster still answers, as told by those who ask it. Times are of a clock that nobody sets. */
export class Silence {
  #timeouts = 0
  #tryAt = 0

  /** Whether to refuse without asking. Every two seconds one is let through, to see. */
  refuses(now: number): boolean {
    if (this.#timeouts < TIMEOUTS) return false
    if (now < this.#tryAt) return true
    this.#tryAt = now + TRY_EVERY_MS
    return false
  }

  timedOut(now: number): void {
    this.#timeouts++
    this.#tryAt = now + TRY_EVERY_MS
  }

  /** Any answer counts, an error too. */
  answered(): void {
    this.#timeouts = 0
  }
}
