/** Bytes (times weight) that a class may be ahead after a time in which it wanted nothing. */
const CREDIT_BYTES = 1024 * 1024

/**
 * Who goes first where there is not enough for all: classes by weight, each counting the bytes it got divided by its
 * weight; the one with the smallest count goes next (start-time fair queueing, Goyal, Vin and Cheng 1996). So of
 * classes that all want more, each gets its weight's part of the whole, and none nothing.
 */
export class Turns {
  readonly #counts = new Map<number, number>()
  #now = 0

  /** Smaller goes first. One that wanted nothing for long comes back near the others, not with all it did not use. */
  position(weight: number): number {
    return Math.max(this.#counts.get(weight) ?? 0, this.#now - CREDIT_BYTES / weight)
  }

  /** These want bytes now; gives them in the order of their turns. */
  order(weights: Iterable<number>): number[] {
    const sorted = [...weights].sort((a, b) => this.position(a) - this.position(b) || b - a)
    if (sorted[0] !== undefined) this.#now = Math.max(this.#now, this.position(sorted[0]))
    return sorted
  }

  charge(weight: number, bytes: number): void {
    this.#counts.set(weight, this.position(weight) + bytes / weight)
  }
}
