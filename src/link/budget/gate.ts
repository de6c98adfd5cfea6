import type { Clock } from '../../base/clock.ts'
import { type LinkLimit, limitAt } from './limit.ts'
import { TokenBucket } from './token-bucket.ts'
import { Turns } from './turns.ts'

/** The rate by the clock is looked up this often. */
const LOOK_MS = 1_000
/** Below this part of a second's bytes nothing is asked for, since many small answers cost both sides more. */
const QUANTUM_S = 0.25
const QUANTUM_BYTES_MAX = 1024 * 1024
/** For who is not the next one, until the next one has asked. */
const YIELD_MS = 10
/** How long after the limit held something back the link counts as limited. */
const LIMITED_MS = 2_000

/** What a fetch loop may do now: ask for so many bytes, or wait. */
export type Grant =
  | { readonly kind: 'fetch'; readonly bytes: number; readonly reserved: number }
  | { readonly kind: 'wait'; readonly waitMs: number }

export type GateStatus = {
  /** What holds now for this worker; null: no limit. */
  readonly bytesPerSecond: number | null
  /** Whether fetching has waited for the limit in the last two seconds. */
  readonly limited: boolean
  /** How long fetching has waited for the limit since the start. */
  readonly limitedMs: number
}

/**
 * Through which all fetch loops of a worker take bytes from the source: it keeps the link's limit, and lets the loop
 * go first whose partitions have the next turn. Without a limit it lets everything pass. Nothing else of the link
 * (markers, groups, discovery) goes through it.
 */
export class FetchGate {
  readonly turns = new Turns()
  readonly #limit: LinkLimit | null
  readonly #clock: Clock
  readonly #waiting = new Map<object, number>()
  #bucket: TokenBucket | null = null
  #share = 1
  #lookedAt = Number.NEGATIVE_INFINITY
  #heldSince: number | null = null
  #heldAt = Number.NEGATIVE_INFINITY
  #heldMs = 0

  constructor(limit: LinkLimit | null, clock: Clock) {
    this.#limit = limit
    this.#clock = clock
  }

  /** The part of the link's limit that is this worker's: of several, each has that of its partitions. */
  set share(share: number) {
    this.#share = share
    this.#lookedAt = Number.NEGATIVE_INFINITY
  }

  /**
   * May this loop fetch now? `position` is its place among the turns; `expects`: bytes are known to be there, so they
   * are reserved until `answered`; else the broker is only watched, and pays what comes.
   */
  ask(loop: object, request: { position: number; expects: boolean; bytesMax: number }): Grant {
    const bucket = this.#current()
    if (bucket === null) return { kind: 'fetch', bytes: Math.floor(request.bytesMax), reserved: 0 }
    const quantum = Math.min(bucket.rate * QUANTUM_S, QUANTUM_BYTES_MAX)
    const waitMs = bucket.waitMs(quantum)
    if (waitMs > 0) {
      if (request.expects) this.#hold(loop, request.position)
      return { kind: 'wait', waitMs }
    }
    if (this.#isBehindAnother(loop, request.position)) {
      this.#hold(loop, request.position)
      return { kind: 'wait', waitMs: YIELD_MS }
    }
    this.leave(loop)
    const bytes = Math.max(1, Math.floor(Math.min(bucket.balance, request.bytesMax)))
    const reserved = request.expects ? bytes : 0
    bucket.take(reserved)
    return { kind: 'fetch', bytes, reserved }
  }

  /** What came of a grant: bytes as they travelled; 0 where the request failed. */
  answered(reserved: number, bytes: number): void {
    this.#bucket?.take(bytes - reserved)
  }

  /** This loop has nothing to ask for any more. */
  leave(loop: object): void {
    this.#waiting.delete(loop)
    if (this.#waiting.size > 0 || this.#heldSince === null) return
    this.#heldMs += Math.max(0, this.#clock.now() - this.#heldSince)
    this.#heldSince = null
  }

  status(): GateStatus {
    const now = this.#clock.now()
    const running = this.#heldSince === null ? 0 : Math.max(0, now - this.#heldSince)
    return {
      bytesPerSecond: this.#current()?.rate ?? null,
      limited: this.#heldSince !== null || now - this.#heldAt < LIMITED_MS,
      limitedMs: this.#heldMs + running,
    }
  }

  #hold(loop: object, position: number): void {
    const now = this.#clock.now()
    this.#waiting.set(loop, position)
    this.#heldSince ??= now
    this.#heldAt = now
  }

  #isBehindAnother(loop: object, position: number): boolean {
    for (const [other, theirs] of this.#waiting) if (other !== loop && theirs < position) return true
    return false
  }

  #current(): TokenBucket | null {
    const now = this.#clock.now()
    if (this.#limit === null || Math.abs(now - this.#lookedAt) < LOOK_MS) return this.#bucket
    this.#lookedAt = now
    const whole = limitAt(this.#limit, now)
    const rate = whole === null ? null : Math.max(1, whole * this.#share)
    if (rate === null) this.#bucket = null
    else if (this.#bucket === null) this.#bucket = new TokenBucket(rate, this.#clock)
    else if (this.#bucket.rate !== rate) this.#bucket.rate = rate
    return this.#bucket
  }
}
