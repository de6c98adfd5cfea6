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

const BEAT_MS = 500

/**
 * The system clock for a process of many loops: a pause of half a second or more ends on the nearest common beat, up to
 * a quarter of a second early or late, so that an idle process wakes once for all its loops.
 */
export const beatingClock: Clock = {
  now: systemClock.now,
  sleep: (ms, signal) => systemClock.sleep(untilBeat(ms), signal),
  after: (ms, then) => systemClock.after(untilBeat(ms), then),
}

function untilBeat(ms: number): number {
  if (ms < BEAT_MS) return ms
  const now = performance.now()
  return Math.round((now + ms) / BEAT_MS) * BEAT_MS - now
}
