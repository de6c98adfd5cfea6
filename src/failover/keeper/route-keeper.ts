import { systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { Cluster } from '../../client/cluster.ts'
import { Route } from '../../gateway/route.ts'
import type { Missing, RouteSpec } from '../../gateway/spec.ts'
import type { Ends } from '../../gateway/state/acked.ts'
import type { AckedRecord, FailoverRecord } from '../state/records.ts'
import { latestRun } from '../state/store.ts'
import { AbandonedRun } from './abandoned-run.ts'
import { boundedAcked } from './bounded-acked.ts'
import type { KeeperEffect, KeeperEvent } from './events.ts'
import { farewellOf } from './farewell.ts'
import { Keeper, type KeeperSpec } from './keeper.ts'
import { instant } from './lease.ts'
import { LeftCluster } from './left-cluster.ts'
import { LogFollower } from './log-follower.ts'
import { type GatewayStatus, gatewayStatus, runStatus } from './status.ts'

export type RouteKeeperSpec = {
  /** `active` is left out: the records say which. */
  readonly route: Omit<RouteSpec, 'active'>
  readonly keeper: KeeperSpec
}

const TICK_MS = 250
/** Nothing is served before the route's record is known; then the route goes on by itself. */
const FIRST_PARK_MS = 0
/** A cluster that is away must not keep a gateway from ending. */
const FAREWELL_MS = 1_500
/** What was sent before is answered first, as far as brokers answer at all. */
const LAST_ANSWERS_MS = 500

/** A gateway: the data plane of a route, and the keeper that it obeys. */
export class RouteKeeper {
  readonly #spec: RouteKeeperSpec
  readonly #route: Route
  readonly #keeper: Keeper
  readonly #log: Log
  readonly #followers: ReadonlyMap<string, LogFollower>
  readonly #left: LeftCluster
  readonly #abandoned: AbandonedRun
  readonly #timer: NodeJS.Timeout
  /** When it was first given leave to write; null as long as it has passed nothing to anybody. */
  #servesFrom: number | null = null
  /** It served when the route came to the cluster that serves: of that one it has seen everything. */
  #sawTheMove = false
  #told: { readonly epoch: number; readonly mayWrite: boolean } = { epoch: 0, mayWrite: false }

  private constructor(spec: RouteKeeperSpec, route: Route, log: Log) {
    this.#spec = spec
    this.#route = route
    this.#log = log
    this.#keeper = new Keeper(spec.keeper)
    this.#left = new LeftCluster({
      ...{ route: spec.route.name, names: [spec.keeper.primary, spec.keeper.standby], log },
      record: () => this.#keeper.route,
      clusters: () => this.#connected(),
    })
    this.#followers = new Map(
      spec.route.clusters.map(({ name, config }) => {
        const news = {
          read: (reading: Extract<KeeperEvent, { kind: 'read' }>['reading']) =>
            this.#event({ kind: 'read', cluster: name, reading }),
          lost: (why: string, isGone: boolean) => this.#event({ kind: 'lost', cluster: name, why, isGone }),
          arrived: (cluster: Cluster) => this.#left.arrive(cluster),
        }
        return [name, new LogFollower(config, spec.route.name, news)]
      }),
    )
    this.#abandoned = new AbandonedRun({
      ...{ route: spec.route.name, names: [spec.keeper.primary, spec.keeper.standby], log },
      record: () => this.#keeper.route,
      run: () => this.#lastRun(),
      clusters: () => this.#connected(),
    })
    for (const follower of this.#followers.values()) follower.start()
    this.#left.start()
    this.#abandoned.start()
    this.#timer = setInterval(() => this.#event({ kind: 'tick' }), TICK_MS)
  }

  /**
   * Opens the route's ports; clients wait until its records are known.
   * @throws GATEWAY_PORT_TAKEN, GATEWAY_CERTIFICATE_BAD
   */
  static async start(spec: RouteKeeperSpec, log: Log): Promise<RouteKeeper> {
    const route = await Route.start({ ...spec.route, active: spec.keeper.primary }, { log })
    route.setMayWrite(false)
    await route.enter('parked', { deadlineMs: FIRST_PARK_MS })
    return new RouteKeeper(spec, route, log)
  }

  status(): GatewayStatus {
    const left = this.#left.status()
    const run = this.#lastRun()
    const seen = { ...gatewayStatus(this.#spec, this.#keeper, this.#route, instant()), left }
    return { ...seen, run: run === null ? null : runStatus(run) }
  }

  /** Ends in order: says so on both clusters, where they can be reached, and closes the connections. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#route.enter('frozen', { deadlineMs: LAST_ANSWERS_MS })
    this.#route.setMayWrite(false)
    this.#left.stop()
    this.#abandoned.stop()
    const goodbye = [...this.#followers.values()].map((follower) => this.#takeLeave(follower))
    await Promise.race([Promise.allSettled(goodbye), systemClock.sleep(FAREWELL_MS)])
    await Promise.all([...this.#followers.values()].map((follower) => follower.stop()))
    await this.#route.stop()
  }

  #lastRun(): FailoverRecord | null {
    return latestRun([...this.#followers.values()].map((follower) => follower.run))
  }

  /** What it told clients has to be known before nobody asks it any more. */
  async #takeLeave(follower: LogFollower): Promise<void> {
    const { route: name, id } = this.#spec.keeper
    const leaving = { route: name, id, moves: this.#keeper.route?.moves ?? 0, at: Date.now() }
    const left = farewellOf(leaving, this.#route.ackedEnds(), follower.farewells)
    if (left !== null) await follower.append({ kind: 'farewell', name, id, record: left })
    await follower.append({ kind: 'gateway', name, id, record: null })
  }

  #connected(): Map<string, Cluster> {
    const pairs = [...this.#followers].map(([name, { cluster }]) => [name, cluster] as const)
    return new Map(pairs.flatMap(([name, cluster]) => (cluster === null ? [] : [[name, cluster] as const])))
  }

  #event(event: KeeperEvent): void {
    const effects = this.#keeper.step(event, instant())
    for (const effect of effects) void this.#perform(effect)
    this.#tell()
  }

  async #perform(effect: KeeperEffect): Promise<void> {
    switch (effect.kind) {
      case 'enter':
        return await this.#enter(effect)
      case 'swap':
        return await this.#swap(effect.cluster)
      case 'fence':
        return this.#route.setFence(effect.fence)
      case 'may-write':
        return this.#route.setMayWrite(effect.until !== null, effect.until)
      case 'beat':
        return await this.#beat(effect)
      case 'read':
        await this.#attempt(effect.cluster, (follower) => follower.read())
        return
      case 'write':
        await this.#attempt(effect.cluster, (follower) => follower.append(effect.change))
        this.#event({ kind: 'written', cluster: effect.cluster })
        await this.#attempt(effect.cluster, (follower) => follower.read())
    }
  }

  async #enter({ epoch, phase, target, deadlineMs }: KeeperEffect & { kind: 'enter' }): Promise<void> {
    const missing = await this.#route
      .enter(phase, { deadlineMs, ...(target !== null && { target }) })
      .then(wordsOf, (error: unknown) => [messageOf(error)])
    this.#event({ kind: 'entered', epoch, phase, missing })
  }

  async #swap(cluster: string): Promise<void> {
    try {
      await this.#route.swap(cluster)
      this.#sawTheMove = this.#servesFrom !== null
      this.#event({ kind: 'swapped', cluster })
    } catch (error) {
      this.#log.warn({ cluster, why: messageOf(error) }, 'route could not go over')
      this.#event({ kind: 'swap-failed', why: messageOf(error) })
    }
  }

  async #beat({ cluster, record: beat }: KeeperEffect & { kind: 'beat' }): Promise<void> {
    const { asks, ...known } = beat
    const acked = asks === null ? null : this.#ackedBehind(asks.ends, known.at)
    const { connections } = this.#route.status()
    const record = { ...known, connections, acked, maybeTwice: this.#route.maybeTwice }
    const { route: name, id } = this.#spec.keeper
    const wasWritten = await this.#attempt(cluster, (follower) =>
      follower.append({ kind: 'gateway', name, id, record }),
    )
    if (wasWritten) this.#event({ kind: 'acked', cluster, beat: record.beat })
  }

  #ackedBehind(ends: Ends, now: number): AckedRecord {
    const told = boundedAcked(this.#route.ackedAfter(ends))
    const since = this.#sawAllSince(now)
    return { ...told, since: told.since === null ? since : Math.max(told.since, since ?? 0) }
  }

  /** From when on it has seen what clients of this name were told; null: there was nothing before. */
  #sawAllSince(now: number): number | null {
    if (this.#servesFrom === null) return now
    return this.#sawTheMove || !this.#keeper.hasForerunner ? null : this.#servesFrom
  }

  /** Whether it was done; what hinders it counts as the loss of that cluster, until it was read again. */
  async #attempt(cluster: string, work: (follower: LogFollower) => Promise<void>): Promise<boolean> {
    try {
      await work(this.#followers.get(cluster)!)
      return true
    } catch (error) {
      this.#event({ kind: 'lost', cluster, why: messageOf(error), isGone: false })
      return false
    }
  }

  /** What an operator looks for in the log: where the route leads, and whether writes pass. */
  #tell(): void {
    const { route } = this.#keeper
    const mayWrite = this.#keeper.mayWrite(instant())
    if (route !== null && route.epoch !== this.#told.epoch) {
      const { epoch, phase, active } = route
      this.#log.info({ epoch, phase, cluster: active }, 'route obeys a record')
    }
    if (mayWrite) this.#servesFrom ??= Date.now()
    if (mayWrite !== this.#told.mayWrite) {
      if (mayWrite) this.#log.info({}, 'route takes writes')
      else this.#log.warn({ why: this.status().waitsFor }, 'route takes no writes')
    }
    this.#told = { epoch: route?.epoch ?? 0, mayWrite }
  }
}

function wordsOf({ owedAnswers, owedTo, openTransactions, membersNotYielded }: Missing): string[] {
  return [
    ...(owedAnswers > 0 ? [`${owedAnswers} answers owed to ${owedTo.join(', ')}`] : []),
    ...openTransactions.map((id) => `transaction ${id}`),
    ...membersNotYielded.map((member) => `member ${member}`),
  ]
}
