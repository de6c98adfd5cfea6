import type { RouteRecord } from '../state/records.ts'
import type { KeeperEffect, RoutePhase } from './events.ts'
import { elapsedMs, type Instant } from './lease.ts'

/** How long the data plane may take until a phase holds; what is missing then is told, and asked for again. */
const DEADLINES_MS: Readonly<Record<RoutePhase, number>> = {
  open: 1_000,
  yielding: 10_000,
  'handing-over': 2_000,
  fenced: 10_000,
  frozen: 2_000,
  parked: 2_000,
}
const AGAIN_AFTER_MS = 1_000

/**
 * The data plane as its keeper knows it: which cluster it serves from, what it was told and what it has reached. It
 * begins parked, since nobody knows yet where the route leads.
 */
export class Plane {
  active: string
  /** The last phase that held, or whose deadline was over, for which route record. */
  reached: { readonly epoch: number; readonly phase: RoutePhase; readonly missing: readonly string[] } = {
    epoch: 0,
    phase: 'parked',
    missing: [],
  }
  isSwapping = false
  #told: { readonly epoch: number; readonly phase: RoutePhase } = { epoch: 0, phase: 'parked' }
  #fence: RouteRecord['fence'] = 'none'
  #againAt: Instant | null = null
  #swapFailedAt: Instant | null = null

  constructor(active: string) {
    this.active = active
  }

  /** What to tell it so that it does what the record says. */
  follow(record: RouteRecord, now: Instant): KeeperEffect[] {
    if (this.isSwapping) return []
    const effects = this.#followFence(record)
    if (record.active !== this.active) return [...effects, ...this.#goOver(record, now)]
    const { epoch, phase } = record
    const isTold = this.#told.epoch === epoch && this.#told.phase === phase
    if (!isTold) {
      const deadlineMs = DEADLINES_MS[phase]
      return [...effects, this.#enter(record, phase, deadlineMs)]
    }
    const isUnfinished = this.reached.epoch === epoch && this.reached.missing.length > 0
    if (!isUnfinished || !this.#isTimeAgain(now)) return effects
    return [...effects, this.#enter(record, phase, AGAIN_AFTER_MS)]
  }

  /** A phase holds, or its deadline is over. Whether it is what was told last. */
  entered(epoch: number, phase: RoutePhase, missing: readonly string[], now: Instant): boolean {
    if (this.isSwapping || epoch !== this.#told.epoch || phase !== this.#told.phase) return false
    this.reached = { epoch, phase, missing }
    this.#againAt = missing.length > 0 ? now : null
    return true
  }

  swapped(cluster: string): void {
    this.active = cluster
    this.isSwapping = false
    // The data plane opens by itself; what the record says beyond that is told next.
    this.#told = { epoch: 0, phase: 'open' }
  }

  swapFailed(why: string, now: Instant): void {
    this.isSwapping = false
    this.reached = { ...this.reached, missing: [why] }
    this.#swapFailedAt = now
  }

  #goOver(record: RouteRecord, now: Instant): KeeperEffect[] {
    if (this.#told.phase !== 'parked') return [this.#enter(record, 'parked', DEADLINES_MS.parked)]
    if (this.reached.phase !== 'parked') return []
    // What did not park in time is closed by the swap, so only a swap that failed is waited after.
    if (this.#swapFailedAt !== null && elapsedMs(this.#swapFailedAt, now) < AGAIN_AFTER_MS) return []
    this.#swapFailedAt = null
    this.isSwapping = true
    return [{ kind: 'swap', cluster: record.active }]
  }

  #enter({ epoch, target }: RouteRecord, phase: RoutePhase, deadlineMs: number): KeeperEffect {
    this.#told = { epoch, phase }
    this.#againAt = null
    return { kind: 'enter', epoch, phase, target, deadlineMs }
  }

  #followFence({ fence }: RouteRecord): KeeperEffect[] {
    if (fence === this.#fence) return []
    this.#fence = fence
    return [{ kind: 'fence', fence }]
  }

  #isTimeAgain(now: Instant): boolean {
    return this.#againAt !== null && elapsedMs(this.#againAt, now) >= AGAIN_AFTER_MS
  }
}
