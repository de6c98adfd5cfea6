import type { Clock } from '../../../base/clock.ts'

type Waiting = { readonly at: number; readonly number: number; readonly then: () => void }

/** Time that passes only when everybody waits: minutes of a link take milliseconds, and no machine is too slow. */
export class VirtualClock implements Clock {
  #now = 1_700_000_000_000
  #count = 0
  readonly #waiting: Waiting[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, then: () => void): () => void {
    const entry = { at: this.#now + ms, number: this.#count++, then }
    this.#waiting.push(entry)
    return () => {
      const index = this.#waiting.indexOf(entry)
      if (index >= 0) this.#waiting.splice(index, 1)
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const callOff = this.after(ms, resolve)
      signal?.addEventListener('abort', () => {
        callOff()
        resolve()
      })
    })
  }

  /** Lets this much time pass, with everything that becomes due on the way. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      // All that can go on without time does so first.
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#waiting.reduce<Waiting | null>((first, entry) => earlier(first, entry), null)
      if (next === null || next.at > until) break
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      this.#now = Math.max(this.#now, next.at)
      next.then()
    }
    this.#now = until
  }
}

function earlier(first: Waiting | null, entry: Waiting): Waiting {
  if (first === null || entry.at < first.at) return entry
  return entry.at === first.at && entry.number < first.number ? entry : first
}
