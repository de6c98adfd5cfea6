import { isLater } from '../state/rank.ts'
import type { FarewellRecord, GatewayRecord, RouteRecord } from '../state/records.ts'
import { elapsedMs, GONE_AFTER_MS, type Instant, LEASE_MS } from './lease.ts'

/** What a log said when it was read to its end. */
export type Reading = {
  /** When the reading began: everything written before is in it. */
  readonly beganAt: Instant
  readonly clusterId: string
  readonly route: RouteRecord | null
  readonly overwritten: RouteRecord | null
  readonly gateways: readonly GatewayRecord[]
  readonly farewells: readonly FarewellRecord[]
}

type Seen = { readonly record: GatewayRecord; readonly at: Instant }

/**
 * One cluster of a route as a gateway sees it: what its log says, and whether the gateway is registered there. It is
 * registered once it has read the log to its end after its own record stood in it: whoever writes to the log from then
 * on finds that record, and has to wait for the gateway or for the end of its lease.
 */
export class Side {
  readonly name: string
  reading: Reading | null = null
  /** Why the cluster cannot be reached; null while it can, or nobody has tried yet. `isGone`: no broker of it can. */
  lost: { readonly since: Instant; readonly why: string; readonly isGone: boolean } | null = null
  isRegistered = false
  #sent: { readonly beat: number; readonly at: Instant } | null = null
  #lastSentAt: Instant | null = null
  #leaseFrom: Instant | null = null
  #inLogSince: Instant | null = null
  readonly #others = new Map<string, Seen>()
  /** When a change was written that no reading holds yet; `pending` while it is on its way. */
  #unread: Instant | 'pending' | null = null

  constructor(name: string) {
    this.name = name
  }

  get isReached(): boolean {
    return this.reading !== null && this.lost === null
  }
  get isAsked(): boolean {
    return this.reading !== null || this.lost !== null
  }
  get route(): RouteRecord | null {
    return this.reading?.route ?? null
  }
  /** From when on the lease counts; null where there is none. */
  get leaseFrom(): Instant | null {
    return this.#leaseFrom
  }
  get isWriting(): boolean {
    return this.#sent !== null
  }

  take(reading: Reading, now: Instant): void {
    this.reading = reading
    this.lost = null
    const { beganAt } = reading
    if (this.#unread !== 'pending' && beganAt.monoMs >= (this.#unread?.monoMs ?? 0)) this.#unread = null
    if (this.#inLogSince !== null && beganAt.monoMs >= this.#inLogSince.monoMs) this.isRegistered = true
    for (const record of reading.gateways) {
      if (isLater(record, this.#others.get(record.id)?.record))
        this.#others.set(record.id, { record, at: now })
    }
    const there = new Set(reading.gateways.map(({ id }) => id))
    for (const id of this.#others.keys()) if (!there.has(id)) this.#others.delete(id)
  }

  /** The cluster, or something on the way to it, failed. What was sent may have arrived; its lease is not counted. */
  lose(why: string, isGone: boolean, now: Instant): void {
    const { since = now, isGone: wasGone = false } = this.lost ?? {}
    this.lost = { since, why, isGone: isGone || wasGone }
    this.#sent = null
  }

  /** Notes that a change goes to the log; false while an earlier one has not been read back. */
  write(): boolean {
    if (this.#unread !== null) return false
    this.#unread = 'pending'
    return true
  }

  /** It stands in the log, or failed. */
  written(now: Instant): void {
    this.#unread = now
  }

  sinceLastBeatMs(now: Instant): number {
    return this.#lastSentAt === null ? Number.POSITIVE_INFINITY : elapsedMs(this.#lastSentAt, now)
  }

  send(beat: number, now: Instant): void {
    this.#sent = { beat, at: now }
    this.#lastSentAt = now
  }

  /** True where the log should be read once more, so that the gateway is registered. */
  acknowledge(beat: number, now: Instant): boolean {
    if (this.#sent?.beat !== beat) return false
    this.#leaseFrom = this.#sent.at
    this.#sent = null
    this.#inLogSince ??= now
    return !this.isRegistered
  }

  hasLease(now: Instant): boolean {
    return this.#leaseFrom !== null && elapsedMs(this.#leaseFrom, now) < LEASE_MS
  }

  /** Others may count this gateway as gone: it has to register anew. */
  lapse(): void {
    this.isRegistered = false
    this.#leaseFrom = null
    this.#inLogSince = null
  }

  /** Gateways whose lease is over for sure: nothing newer stood in the log when this reading of it began. */
  silent(self: string): GatewayRecord[] {
    const began = this.reading?.beganAt
    if (began === undefined) return []
    const all = [...this.#others.values()]
    return all
      .filter(({ record, at }) => record.id !== self && elapsedMs(at, began) >= GONE_AFTER_MS)
      .map(({ record }) => record)
  }
}
