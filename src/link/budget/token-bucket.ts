import type { Clock } from '../../base/clock.ts'

/** How long an idle link may save up: what it did not use in the last second comes on top of the rate. */
const BURST_S = 1

/**
 * Bytes that may be spent, growing with time. More may be taken than is there, since the size of an answer is known
 * only once it has come: the debt is waited for, so that the mean over any longer time is the rate. A clock that
 * jumps gives at most one burst, and never takes anything away.
 */
export class TokenBucket {
  readonly #clock: Pick<Clock, 'now'>
  #rate: number
  #balance: number
  #at: number

  constructor(bytesPerSecond: number, clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#rate = bytesPerSecond
    this.#balance = bytesPerSecond * BURST_S
    this.#at = clock.now()
  }

  get rate(): number {
    return this.#rate
  }

  set rate(bytesPerSecond: number) {
    this.#refill()
    this.#rate = bytesPerSecond
    this.#balance = Math.min(this.#balance, bytesPerSecond * BURST_S)
  }

  get balance(): number {
    this.#refill()
    return this.#balance
  }

  /** Spends; a negative number gives back what was taken and not used. */
  take(bytes: number): void {
    this.#refill()
    this.#balance = Math.min(this.#balance - bytes, this.#rate * BURST_S)
  }

  /** Milliseconds until the balance is `bytes`. */
  waitMs(bytes: number): number {
    return Math.max(0, Math.ceil(((bytes - this.balance) / this.#rate) * 1_000))
  }

  #refill(): void {
    const now = this.#clock.now()
    const elapsedMs = Math.max(0, now - this.#at)
    this.#at = now
    this.#balance = Math.min(this.#balance + (elapsedMs / 1_000) * this.#rate, this.#rate * BURST_S)
  }
}
