import type { KeeperEffect, KeeperEvent } from '../keeper/events.ts'
import { Keeper, type KeeperSpec } from '../keeper/keeper.ts'
import { elapsedMs, GONE_AFTER_MS, type Instant } from '../keeper/lease.ts'
import { arbiterOf, highest, isLater } from '../state/rank.ts'
import type { GatewayRecord, RouteChange, RouteRecord } from '../state/records.ts'
import { nextRecord, type RouteStep } from '../state/store.ts'
import { RouteView } from '../state/view.ts'

export type ClusterName = 'a' | 'b'
export const CLUSTERS = ['a', 'b'] as const

/** Two logs, gateways and runners of failovers in virtual time: what each does arrives after some milliseconds. */
export class World {
  nowMs = 0
  /** Nothing takes longer than usual. */
  isCalm = false
  readonly logs: Record<ClusterName, RouteChange[]> = { a: [], b: [] }
  readonly gateways: Gateway[] = []
  readonly #due: { at: number; order: number; run: () => void }[] = []
  #order = 0

  get now(): Instant {
    return { monoMs: this.nowMs, wallMs: this.nowMs }
  }

  after(ms: number, run: () => void): void {
    this.#due.push({ at: this.nowMs + ms, order: this.#order++, run })
  }

  /** Lets time pass; `look` is called at every moment at which something happens. */
  pass(ms: number, look: () => void): void {
    const until = this.nowMs + ms
    for (;;) {
      this.#due.sort((x, y) => x.at - y.at || x.order - y.order)
      const next = this.#due[0]
      if (next === undefined || next.at > until) break
      this.#due.shift()
      this.nowMs = Math.max(this.nowMs, next.at)
      look()
      next.run()
      look()
    }
    this.nowMs = until
    look()
  }

  read(cluster: ClusterName): RouteView {
    const view = new RouteView()
    for (const change of this.logs[cluster]) view.apply(change)
    return view
  }

  /** The clusters to which any gateway would let a write pass now, also one that has only just woken up. */
  written(): Set<string> {
    return new Set(this.gateways.flatMap((gateway) => gateway.writesTo() ?? []))
  }
}

const TICK_MS = 500

/** A keeper with its data plane. Cut off from a cluster, its requests fail after a second. Stopped, nothing happens. */
export class Gateway {
  readonly id: string
  readonly #world: World
  readonly #latencyMs: () => number
  readonly reach: Record<ClusterName, boolean> = { a: true, b: true }
  keeper: Keeper
  isStopped = false
  #waiting: (() => void)[] = []
  #plane = { active: 'a' as string, isOpen: false, until: null as Instant | null }
  #life = 0

  constructor(world: World, id: string, standbyLost: 'serve' | 'hold', latencyMs: () => number) {
    this.#world = world
    this.id = id
    this.#latencyMs = latencyMs
    this.keeper = this.#begin(standbyLost)
    world.gateways.push(this)
  }

  #begin(standbyLost: 'serve' | 'hold'): Keeper {
    const { id } = this
    const since = this.#world.nowMs
    const spec: KeeperSpec = {
      route: 'shop',
      id,
      host: 'h',
      pid: 1,
      since,
      primary: 'a',
      standby: 'b',
      standbyLost,
    }
    const life = ++this.#life
    const again = () => {
      if (life !== this.#life) return
      this.#event({ kind: 'tick' })
      for (const cluster of CLUSTERS) this.#read(cluster)
      this.#world.after(TICK_MS, again)
    }
    this.#world.after(0, again)
    return new Keeper(spec)
  }

  /** Killed, and started again under its name. */
  restart(standbyLost: 'serve' | 'hold'): void {
    this.#plane = { active: 'a', isOpen: false, until: null }
    this.#waiting = []
    this.isStopped = false
    this.keeper = this.#begin(standbyLost)
  }

  wake(): void {
    this.isStopped = false
    const waiting = this.#waiting
    this.#waiting = []
    for (const run of waiting) run()
  }

  writesTo(): string | null {
    const { active, isOpen, until } = this.#plane
    return isOpen && until !== null && this.#world.nowMs < until.monoMs ? active : null
  }

  #event(event: KeeperEvent): void {
    const life = this.#life
    const run = () => {
      if (life !== this.#life) return
      for (const effect of this.keeper.step(event, this.#world.now)) this.#do(effect)
    }
    if (this.isStopped) this.#waiting.push(run)
    else run()
  }

  #do(effect: KeeperEffect): void {
    switch (effect.kind) {
      case 'enter':
        this.#plane.isOpen = effect.phase === 'open'
        this.#later(() => {
          const { epoch, phase } = effect
          this.#event({ kind: 'entered', epoch, phase, missing: [] })
        })
        break
      case 'swap':
        this.#later(() => {
          if (!this.reach[effect.cluster as ClusterName]) {
            this.#event({ kind: 'swap-failed', why: 'out of reach' })
            return
          }
          this.#plane = { ...this.#plane, active: effect.cluster, isOpen: true }
          this.#event({ kind: 'swapped', cluster: effect.cluster })
        })
        break
      case 'may-write':
        this.#plane.until = effect.until
        break
      case 'beat': {
        const { asks: _, ...record } = effect.record
        const full = { ...record, connections: 0, acked: null, maybeTwice: null }
        const change: RouteChange = { kind: 'gateway', name: 'shop', id: this.id, record: full }
        this.#append(effect.cluster as ClusterName, change, () => {
          this.#event({ kind: 'acked', cluster: effect.cluster, beat: record.beat })
        })
        break
      }
      case 'read':
        this.#read(effect.cluster as ClusterName)
        break
      case 'write':
        this.#append(effect.cluster as ClusterName, effect.change, () => {
          this.#event({ kind: 'written', cluster: effect.cluster })
        })
        break
      case 'fence':
    }
  }

  #later(run: () => void): void {
    const life = this.#life
    this.#world.after(this.#latencyMs(), () => {
      if (life !== this.#life) return
      if (this.isStopped) this.#waiting.push(run)
      else run()
    })
  }

  /** What was sent arrives also when its process has been stopped or killed meanwhile. */
  #append(cluster: ClusterName, change: RouteChange, then: () => void): void {
    if (!this.reach[cluster]) {
      this.#later(() => {
        this.#lost(cluster)
        if (change.kind === 'route') this.#event({ kind: 'written', cluster })
      })
      return
    }
    this.#world.after(this.#latencyMs(), () => {
      this.#world.logs[cluster].push(change)
      this.#later(then)
    })
  }

  /** At times it can be told that no broker is there, at others a request has failed. */
  #lost(cluster: ClusterName): void {
    this.#event({ kind: 'lost', cluster, why: 'out of reach', isGone: this.#latencyMs() > 30 })
  }

  #read(cluster: ClusterName): void {
    const beganAt = this.#world.now
    if (this.isStopped) return
    this.#later(() => {
      if (!this.reach[cluster]) {
        this.#lost(cluster)
        return
      }
      const view = this.#world.read(cluster)
      const [route, overwritten] = [view.route('shop'), view.overwritten('shop')]
      const reading = {
        beganAt,
        clusterId: `id-${cluster}`,
        route,
        overwritten,
        gateways: view.gateways('shop'),
        farewells: view.farewells('shop'),
      }
      this.#event({ kind: 'read', cluster, reading })
    })
  }
}

/** Runs one failover to `target` on the logs that it can reach, as `kmc failover` does. */
export class Runner {
  readonly #world: World
  readonly #reach: readonly ClusterName[]
  readonly #seen = new Map<string, { record: GatewayRecord; at: Instant }>()
  outcome: 'moved' | 'gave up' | null = null

  constructor(world: World, target: ClusterName, reach: readonly ClusterName[]) {
    this.#world = world
    this.#reach = reach
    const from = this.#route()
    if (from === null || from.active === target || !reach.includes(target)) this.outcome = 'gave up'
    else this.#advance(from, { phase: 'parked', target }, (parked) => this.#await(parked, target))
  }

  #route(): RouteRecord | null {
    return highest(this.#reach.map((cluster) => this.#world.read(cluster).route('shop')))
  }

  #advance(from: RouteRecord, step: RouteStep, then: (record: RouteRecord) => void): void {
    const record = nextRecord(from, step)
    const arbiter = arbiterOf(from, ['a', 'b']) as ClusterName
    if (!this.#reach.includes(arbiter) || this.#route()?.writer !== from.writer) {
      this.outcome = 'gave up'
      return
    }
    this.#world.after(20, () => {
      this.#world.logs[arbiter].push({ kind: 'route', name: 'shop', record })
      if (this.#world.read(arbiter).route('shop')?.writer !== record.writer) {
        this.outcome = 'gave up'
        return
      }
      const others = record.alone ? [] : this.#reach.filter((cluster) => cluster !== arbiter)
      for (const cluster of others) this.#world.logs[cluster].push({ kind: 'route', name: 'shop', record })
      this.#world.after(20, () => then(record))
    })
  }

  /** Until every gateway has parked or is gone. */
  #await(parked: RouteRecord, target: ClusterName): void {
    const began = this.#world.now
    if (this.#route()?.writer !== parked.writer) {
      this.outcome = 'gave up'
      return
    }
    const waitsFor = this.#gateways(began).filter(({ record, at }) => {
      const obeys = record.epoch >= parked.epoch && record.phase === 'parked'
      return !obeys && !record.gone && elapsedMs(at, began) < GONE_AFTER_MS
    })
    if (waitsFor.length > 0) {
      this.#world.after(200, () => this.#await(parked, target))
      return
    }
    const alone = this.#reach.length === 1
    this.#advance(
      parked,
      { phase: 'open', active: target, activeClusterId: `id-${target}`, target: null, alone },
      () => {
        this.outcome = 'moved'
      },
    )
  }

  #gateways(now: Instant) {
    for (const record of this.#reach.flatMap((cluster) => this.#world.read(cluster).gateways('shop'))) {
      if (isLater(record, this.#seen.get(record.id)?.record)) this.#seen.set(record.id, { record, at: now })
    }
    return [...this.#seen.values()]
  }
}
