import { setTimeout as delay } from 'node:timers/promises'

/** Time as the product sees it: a seam, so that a simulation can own it. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after `ms`, or at once when the signal is aborted; it never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Calls `then` after `ms`; the function given calls that off. */
  after(ms: number, then: () => void): () => void
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    if (signal?.aborted) return
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
  after(ms, then) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}
