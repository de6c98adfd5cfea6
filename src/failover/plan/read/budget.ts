import { nowMs } from '../../../client/clock.ts'
import { within } from '../../../client/deadline.ts'
import { tell } from '../../../link/preflight/read/tell.ts'
import type { Told } from '../facts.ts'

/** What a call that ran out of time takes to give what it has. */
const ANSWER_MS = 500

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

  /** For the requests of a question: they end a little earlier, so that one slow partition hides no other. */
  get limits(): { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined } {
    return { timeoutMs: Math.max(1, this.#endMs - nowMs() - ANSWER_MS), signal: this.#signal }
  }

  ask<T>(what: string, read: () => Promise<T>): Promise<Told<T>> {
    const timeoutMs = Math.max(1, this.#endMs - nowMs())
    return tell(() =>
      within({ timeoutMs, signal: this.#signal }, `Reading ${what} of ${this.#cluster}`, read()),
    )
  }
}
