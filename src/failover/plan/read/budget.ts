import { nowMs } from '../../../client/clock.ts'
import { within } from '../../../client/deadline.ts'
import { tell } from '../../../link/preflight/read/tell.ts'
import type { Told } from '../facts.ts'

/** The time that is left for asking one cluster; a question that outlives it leaves its fact unknown. */
export class Budget {
  readonly #cluster: string
  readonly #endMs: number
  readonly #signal: AbortSignal | undefined

  constructor(cluster: string, timeoutMs: number, signal?: AbortSignal) {
    this.#cluster = cluster
    this.#endMs = nowMs() + timeoutMs
    this.#signal = signal
  }

  get limits(): { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined } {
    return { timeoutMs: Math.max(1, this.#endMs - nowMs()), signal: this.#signal }
  }

  ask<T>(what: string, read: () => Promise<T>): Promise<Told<T>> {
    return tell(() => within(this.limits, `Reading ${what} of ${this.#cluster}`, read()))
  }
}
