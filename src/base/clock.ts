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

/** One timer for all who wait for a beat. */
class Beats {
  readonly #waiting = new Map<number, Set<() => void>>()
  #timer: NodeJS.Timeout | undefined
  /** The beat that the timer is set to. */
  #next = Number.POSITIVE_INFINITY

  /** Calls `then` on the beat nearest to `ms` from now; the function given calls that off. */
  after(ms: number, then: () => void): () => void {
    const beat = Math.round((performance.now() + ms) / BEAT_MS)
    const together = this.#waiting.get(beat) ?? new Set()
    this.#waiting.set(beat, together)
    const own = () => then()
    together.add(own)
    if (beat < this.#next) this.#wind(beat)
    return () => this.#callOff(beat, own)
  }

  #callOff(beat: number, then: () => void): void {
    const together = this.#waiting.get(beat)
    if (together?.delete(then) !== true || together.size > 0) return
    this.#waiting.delete(beat)
    // Nothing may keep a process alive for a beat that nobody waits for.
    if (this.#waiting.size === 0) this.#wind(Number.POSITIVE_INFINITY)
  }

  #wind(beat: number): void {
    clearTimeout(this.#timer)
    this.#next = beat
    if (beat === Number.POSITIVE_INFINITY) return
    this.#timer = setTimeout(() => this.#ring(), Math.max(1, beat * BEAT_MS - performance.now()))
  }

  #ring(): void {
    const due = [...this.#waiting].filter(([beat]) => beat <= this.#next)
    for (const [beat] of due) this.#waiting.delete(beat)
    this.#wind(Math.min(...this.#waiting.keys()))
    for (const [, together] of due) for (const then of together) then()
  }
}

const beats = new Beats()

/**
 * The system clock for a process of many loops: a pause of half a second or more ends on the nearest common beat, up to
 * a quarter of a second early or late, so that an idle process wakes once for all its loops.
 */
export const beatingClock: Clock = {
  now: systemClock.now,
  async sleep(ms, signal) {
    if (ms < BEAT_MS) return await systemClock.sleep(ms, signal)
    if (signal?.aborted) return
    await new Promise<void>((resolve) => {
      const callOff = beats.after(ms, () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      })
      const abort = () => {
        callOff()
        resolve()
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  },
  after: (ms, then) => (ms < BEAT_MS ? systemClock.after(ms, then) : beats.after(ms, then)),
}
