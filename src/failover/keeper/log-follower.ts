import { type Clock, systemClock } from '../../base/clock.ts'
import { KmcError, messageOf } from '../../base/error.ts'
import { formatAddress } from '../../client/address.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { openRouteLog, type RouteLog } from '../state/log.ts'
import type { FailoverRecord, FarewellRecord, RouteChange } from '../state/records.ts'
import { instant } from './lease.ts'
import type { Reading } from './side.ts'

/** What a follower tells. */
export type FollowerNews = {
  read(reading: Reading): void
  /** `isGone`: none of its brokers can be reached. */
  lost(why: string, isGone: boolean): void
  /** The cluster was reached; nothing was written there yet. It does not throw. */
  arrived?(cluster: Cluster): Promise<void>
}

const LIMITS = { connectTimeoutMs: 3_000, requestTimeoutMs: 5_000 }
const CONNECT_MS = 5_000
const AGAIN_AFTER_MS = 500

/** Follows what one cluster says of a route: connects, reads, and begins anew after any error. */
export class LogFollower {
  readonly #config: ClusterConfig
  readonly #route: string
  readonly #news: FollowerNews
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #log: RouteLog | null = null
  #cluster: Cluster | null = null
  #clusterId = ''
  #brokers: readonly string[] = []
  #ended: Promise<void> = Promise.resolve()

  constructor(config: ClusterConfig, route: string, news: FollowerNews, clock: Clock = systemClock) {
    this.#config = config
    this.#route = route
    this.#news = news
    this.#clock = clock
  }

  start(): void {
    this.#ended = this.#follow()
  }

  /** The connection, while it is followed. */
  get cluster(): Cluster | null {
    return this.#cluster
  }

  /** The run of a failover that this log has last, while it is followed. */
  get run(): FailoverRecord | null {
    return this.#log?.view.failover(this.#route) ?? null
  }

  /** What gateways left that ended in order, as far as this log was read. */
  get farewells(): FarewellRecord[] {
    return this.#log?.view.farewells(this.#route) ?? []
  }

  /** Writes one change. @throws what hinders it, also while there is no connection */
  async append(change: RouteChange): Promise<void> {
    if (this.#log === null) throw new Error(`${this.#config.name} is not connected`)
    await this.#log.append(change)
  }

  /** Reads to the end of the log as it is now, and tells what it says. */
  async read(): Promise<void> {
    const log = this.#log
    if (log === null) return
    const beganAt = instant()
    await log.refresh()
    if (this.#closing.signal.aborted || log !== this.#log) return
    const { view } = log
    this.#news.read({
      beganAt,
      clusterId: this.#clusterId,
      route: view.route(this.#route),
      overwritten: view.overwritten(this.#route),
      gateways: view.gateways(this.#route),
      farewells: view.farewells(this.#route),
    })
  }

  async stop(): Promise<void> {
    this.#closing.abort()
    await this.#ended
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        await this.#session(signal)
      } catch (error) {
        if (signal.aborted) return
        this.#news.lost(messageOf(error), isUnreachable(error))
        await this.#clock.sleep(AGAIN_AFTER_MS, signal)
      }
    }
  }

  /** Through the bootstrap addresses, or brokers that were known last: it is gone when none of all can be reached. */
  async #connect(signal: AbortSignal): Promise<Cluster> {
    const config = { ...this.#config, ...LIMITS }
    try {
      return await Cluster.connect(config, { timeoutMs: CONNECT_MS, signal })
    } catch (error) {
      const others = this.#brokers.filter((address) => !config.bootstrap.includes(address))
      if (!isUnreachable(error) || others.length === 0) throw error
      const known = { ...config, bootstrap: others, expectedClusterId: this.#clusterId }
      return await Cluster.connect(known, { timeoutMs: CONNECT_MS, signal })
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const cluster = await this.#connect(signal)
    try {
      this.#clusterId = cluster.clusterId
      this.#brokers = cluster.metadata.brokers.map(formatAddress)
      await this.#news.arrived?.(cluster)
      this.#log = await openRouteLog(cluster)
      this.#cluster = cluster
      await this.read()
      while (!signal.aborted) {
        // Not only what woke this up: a reading tells of everything that stood there when it began.
        await this.#log.next(signal)
        await this.read()
      }
    } finally {
      this.#log = null
      this.#cluster = null
      await cluster.close()
    }
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof KmcError && error.code === 'BOOTSTRAP_UNREACHABLE'
}
