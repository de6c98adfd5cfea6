import { arbiterOf, highest, isBeyond, outranks } from '../state/rank.ts'
import type { GatewayRecord, RouteChange, RouteRecord } from '../state/records.ts'
import { firstRecord, nextRecord } from '../state/store.ts'
import type { Beat, KeeperEffect, KeeperEvent } from './events.ts'
import { BEAT_MS, elapsedMs, type Instant, LEASE_MS, plus } from './lease.ts'
import { Plane } from './plane.ts'
import { Side } from './side.ts'

/** Who keeps which route. */
export type KeeperSpec = {
  readonly route: string
  /** The same for whoever takes this process's place: what it wrote is then written over. */
  readonly id: string
  readonly host: string
  readonly pid: number
  /** When the process began. */
  readonly since: number
  readonly primary: string
  readonly standby: string
  readonly standbyLost: 'serve' | 'hold'
}

/** With `serve`, how long the other cluster must have been out of reach before a gateway begins without it. */
const ALONE_AFTER_MS = 15_000
/** A gateway that has been gone for longer is forgotten. */
const FORGOTTEN_AFTER_MS = 24 * 3_600_000

/**
 * One gateway's obedience to its route's records, without I/O: events in, effects out. It follows both logs, obeys the
 * record that outranks all others, answers with a record of its own, and lets writes pass only while nobody can have
 * moved the route without waiting for it.
 *
 * That rests on three things. It is registered with a log once it has read it to the end after its own record stood
 * there. It renews that record every two seconds, and its lease counts from the start of the last renewal that was
 * acknowledged. When the lease was ever over it registers anew, since whoever moved the route may have passed it over.
 */
export class Keeper {
  readonly #spec: KeeperSpec
  readonly #sides: readonly [Side, Side]
  readonly #plane: Plane
  #record: RouteRecord | null = null
  #isSynced = false
  #until: Instant | null = null
  #beats = 0
  #hasForerunner = false
  /** Sides that have to hear at once how it is. */
  readonly #stale = new Set<Side>()

  constructor(spec: KeeperSpec) {
    this.#spec = spec
    this.#sides = [new Side(spec.primary), new Side(spec.standby)]
    this.#plane = new Plane(spec.primary)
  }

  get route(): RouteRecord | null {
    return this.#record
  }
  get sides(): readonly [Side, Side] {
    return this.#sides
  }
  get reached(): Plane['reached'] {
    return this.#plane.reached
  }
  get active(): string {
    return this.#plane.active
  }
  /**
   * Whether a process of the same name stood in a log, and had not ended in order: what it told clients nobody else
   * knows. Whoever takes writes has read the log of the cluster that serves, so it is known by then.
   */
  get hasForerunner(): boolean {
    return this.#hasForerunner
  }
  mayWrite(now: Instant): boolean {
    return this.#until !== null && now.monoMs < this.#until.monoMs && now.wallMs < this.#until.wallMs
  }

  /** Takes one event in and gives what to do about it. */
  step(event: KeeperEvent, now: Instant): KeeperEffect[] {
    const effects = this.#take(event, now)
    this.#follow()
    this.#lapse(now)
    if (this.#record !== null && this.#isOfThisRoute(this.#record)) {
      effects.push(...this.#plane.follow(this.#record, now))
    }
    effects.push(...this.#leave(now), ...this.#beat(now), ...this.#tidy())
    return effects
  }

  #take(event: KeeperEvent, now: Instant): KeeperEffect[] {
    switch (event.kind) {
      case 'read':
        this.#side(event.cluster).take(event.reading, now)
        this.#hasForerunner ||= event.reading.gateways.some((one) => this.#isForerunner(one))
        return []
      case 'written':
        this.#side(event.cluster).written(now)
        return []
      case 'lost':
        this.#side(event.cluster).lose(event.why, event.isGone, now)
        return []
      case 'acked': {
        const side = this.#side(event.cluster)
        return side.acknowledge(event.beat, now) ? [{ kind: 'read', cluster: side.name }] : []
      }
      case 'entered':
        if (this.#plane.entered(event.epoch, event.phase, event.missing, now)) this.#tellAll()
        return []
      case 'swapped':
        this.#plane.swapped(event.cluster)
        return []
      case 'swap-failed':
        this.#plane.swapFailed(event.why, now)
        this.#tellAll()
        return []
      case 'tick':
        return []
    }
  }

  #isForerunner({ id, host, pid, since }: GatewayRecord): boolean {
    const { host: ownHost, pid: ownPid, since: ownSince } = this.#spec
    return id === this.#spec.id && (host !== ownHost || pid !== ownPid || since !== ownSince)
  }

  /** Obeys the record that outranks all others, once both clusters have been asked. */
  #follow(): void {
    if (!this.#sides.every((side) => side.isAsked)) return
    const found = highest(this.#sides.map((side) => side.route))
    if (found !== null && outranks(found, this.#record)) this.#record = found
  }

  /** A record of another cluster is nothing that this gateway can obey. */
  #isOfThisRoute({ active }: RouteRecord): boolean {
    return active === this.#spec.primary || active === this.#spec.standby
  }

  /** The clusters without whose lease no write may pass. */
  #needed(record: RouteRecord): readonly Side[] {
    const isOneEnough = this.#spec.standbyLost === 'serve' || record.alone
    return isOneEnough ? [this.#side(record.active)] : this.#sides
  }

  /** A lease that is over counts as never given: others may have gone on without this gateway. */
  #lapse(now: Instant): void {
    const record = this.#record
    // Nothing can be written to a cluster that is gone: given up at once, the lease keeps no failover waiting.
    const isOver = (side: Side) =>
      !side.hasLease(now) || (side.lost?.isGone === true && side.name === record?.active)
    const over = this.#sides.filter((side) => side.leaseFrom !== null && isOver(side))
    if (over.length === 0) return
    if (record === null || over.some((side) => this.#needed(record).includes(side))) {
      this.#isSynced = false
      for (const side of this.#sides) side.lapse()
    } else {
      for (const side of over) side.lapse()
    }
  }

  /** Whether the cluster that does not serve may be left out when the gateway begins. */
  #mayBeginWithout(side: Side, record: RouteRecord, now: Instant): boolean {
    if (side.lost === null) return false
    if (record.alone) return true
    return this.#spec.standbyLost === 'serve' && elapsedMs(side.lost.since, now) >= ALONE_AFTER_MS
  }

  /** Tells the data plane until when writes may pass, when that has changed. */
  #leave(now: Instant): KeeperEffect[] {
    const until = this.#leaseEnd(now)
    if (until?.monoMs === this.#until?.monoMs) return []
    if ((until === null) !== (this.#until === null)) this.#tellAll()
    this.#until = until
    return [{ kind: 'may-write', until }]
  }

  #leaseEnd(now: Instant): Instant | null {
    const record = this.#record
    if (record === null || record.active !== this.#plane.active || this.#plane.isSwapping) return null
    const needed = this.#needed(record)
    if (!needed.every((side) => side.isRegistered && side.hasLease(now))) return null
    this.#isSynced ||= this.#sides.every(
      (side) => side.isRegistered || (!needed.includes(side) && this.#mayBeginWithout(side, record, now)),
    )
    if (!this.#isSynced) return null
    const ends = needed.map((side) => plus(side.leaseFrom!, LEASE_MS))
    return {
      monoMs: Math.min(...ends.map(({ monoMs }) => monoMs)),
      wallMs: Math.min(...ends.map(({ wallMs }) => wallMs)),
    }
  }

  #tellAll(): void {
    for (const side of this.#sides) this.#stale.add(side)
  }

  #beat(now: Instant): KeeperEffect[] {
    return this.#sides.flatMap((side): KeeperEffect[] => {
      const isDue = this.#stale.has(side) || side.sinceLastBeatMs(now) >= BEAT_MS
      if (!isDue || !side.isReached || side.isWriting) return []
      this.#stale.delete(side)
      this.#beats += 1
      side.send(this.#beats, now)
      return [{ kind: 'beat', cluster: side.name, record: this.#ownRecord(now) }]
    })
  }

  #ownRecord(now: Instant): Beat {
    const { route, id, host, pid, since, standbyLost } = this.#spec
    const { epoch, phase, missing } = this.#plane.reached
    return {
      ...{ route, id, host, pid, since, standbyLost, epoch, phase },
      beat: this.#beats,
      active: this.#plane.active,
      missing: [...missing],
      mayWrite: this.mayWrite(now),
      leaseMs: LEASE_MS,
      at: now.wallMs,
      gone: false,
      lostSince: this.#lostSince(),
      asks: this.#record?.epoch === epoch ? this.#record.asks : null,
    }
  }

  /** Since when no broker of the cluster that it serves from can be reached; null while one can. */
  #lostSince(): number | null {
    const { lost } = this.#side(this.#plane.active)
    return lost?.isGone === true ? lost.since.wallMs : null
  }

  /** What any gateway of the route may put right in the logs; others may do the same at once. */
  #tidy(): KeeperEffect[] {
    const effects = this.#record === null ? this.#begin() : this.#bringUpToDate(this.#record)
    for (const side of this.#sides) {
      if (!side.isReached) continue
      const { overwritten } = side.reading!
      if (overwritten !== null) effects.push(...this.#write(side, this.#routeChange(overwritten)))
      effects.push(...this.#sweep(side), ...this.#forgetFarewells(side))
    }
    return effects
  }

  /** A route that was never written leads to its declared primary. */
  #begin(): KeeperEffect[] {
    const [primary, standby] = this.#sides
    if (!primary.isReached || !standby.isReached) return []
    const { clusterId } = primary.reading!
    const record = firstRecord(this.#spec.route, { name: primary.name, clusterId })
    return this.#write(standby, this.#routeChange(record))
  }

  /**
   * A cluster that was away is told the record that counts. One that a failover left behind must not learn of it before
   * every gateway needs its lease again: somebody who sees it alone could move the route back while others serve.
   */
  #bringUpToDate(record: RouteRecord): KeeperEffect[] {
    if (!this.#sides.every((side) => side.isReached)) return []
    const holder = this.#sides.find((side) => side.route?.writer === record.writer)
    const behind = this.#sides.find((side) => side.route?.writer !== record.writer)
    if (holder === undefined || behind === undefined) return []
    const next = (step: { alone?: false }) => this.#routeChange(nextRecord(record, step))
    if (record.alone) return this.#write(holder, next({ alone: false }))
    if (behind.route !== null && !isBeyond(record, behind.route)) {
      return this.#write(this.#side(arbiterOf(record, [this.#spec.primary, this.#spec.standby])), next({}))
    }
    const all = holder.reading!.gateways.filter(({ gone }) => !gone)
    const isObeyed = all.every(({ epoch }) => epoch >= record.epoch)
    return isObeyed ? this.#write(behind, this.#routeChange(record)) : []
  }

  /** Gateways that fell silent are said to be gone, so that no failover has to wait for them. */
  #sweep(side: Side): KeeperEffect[] {
    return side.silent(this.#spec.id).flatMap((silent) => {
      const isForgotten = side.reading!.beganAt.wallMs - silent.at > FORGOTTEN_AFTER_MS
      if (silent.gone && !isForgotten) return []
      const record = isForgotten ? null : { ...silent, gone: true }
      return this.#write(side, { kind: 'gateway', name: this.#spec.route, id: silent.id, record })
    })
  }

  /** What was told before the last move, or a day ago, is on the other side, or in a receipt. */
  #forgetFarewells(side: Side): KeeperEffect[] {
    const { farewells, beganAt } = side.reading!
    const moves = this.#record?.moves ?? 0
    const old = farewells.filter(
      ({ at, moves: then }) => then < moves || beganAt.wallMs - at > FORGOTTEN_AFTER_MS,
    )
    return old.flatMap(({ id }) => {
      return this.#write(side, { kind: 'farewell', name: this.#spec.route, id, record: null })
    })
  }

  #routeChange(record: RouteRecord): RouteChange {
    return { kind: 'route', name: this.#spec.route, record }
  }

  /** What was written last has to be read back before more is. */
  #write(side: Side, change: RouteChange): KeeperEffect[] {
    return side.write() ? [{ kind: 'write', cluster: side.name, change }] : []
  }

  #side(cluster: string): Side {
    const side = this.#sides.find(({ name }) => name === cluster)
    if (side === undefined) throw new RangeError(`route ${this.#spec.route} has no cluster ${cluster}`)
    return side
  }
}
