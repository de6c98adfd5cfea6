import { FRESHNESS_MARGIN_MS, SESSION_TIMEOUT_MS } from './limits.ts'

/**
 * The wall clock's word on how old the last good heartbeat is. The monotonic clock stands still while a machine sleeps
 * or is moved; the wall clock may be set. Only where neither says that it is too old does a place surely hold.
 */
export class Freshness {
  readonly #wall: () => number
  #renewedAt = Number.NEGATIVE_INFINITY

  constructor(wall: () => number = Date.now) {
    this.#wall = wall
  }

  /** To be taken before the request is sent. */
  mark(): number {
    return this.#wall()
  }

  renew(mark: number): void {
    this.#renewedAt = mark
  }

  holds(monotonic: boolean): boolean {
    const age = this.#wall() - this.#renewedAt
    // Set back, the wall clock says nothing.
    return monotonic && age < SESSION_TIMEOUT_MS - FRESHNESS_MARGIN_MS
  }
}
