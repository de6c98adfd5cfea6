import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Cluster } from '../../client/cluster.ts'
import { within } from '../../client/deadline.ts'
import { type FenceBook, openFenceBook } from '../fence/book.ts'
import { type DirectWriter, DirectWriterWatch } from '../fence/direct-writers.ts'
import { liftFence, raiseFence } from '../fence/fence.ts'
import { type FenceReport, fenceText } from '../fence/report.ts'
import type { RouteRecord } from '../state/records.ts'
import type { RouteSight } from './route-sight.ts'

/** The cluster that a route has left, as one gateway keeps it. */
export type LeftStatus = {
  readonly cluster: string
  /** Null where no fence was ever noted: the route has not moved yet. */
  readonly fence: FenceReport | null
  /** Who has written there in the last minutes. */
  readonly directWriters: readonly DirectWriter[]
}

const LOOK_EVERY_MS = 1_000
/** A fence that nobody touches is made sure of this often. */
const ROUND_EVERY_MS = 5_000
const RECENT_MS = 5 * 60_000
/** Of a cluster that comes back the gateway may not wait longer for its fence. */
const ARRIVAL_MS = 5_000

/**
 * Keeps clients from the cluster that a route has left: raises its fence as soon as it is back, before anything else is
 * written there, makes it again where somebody took it down, and names who writes there all the same. A fence that
 * stands where the route leads to is taken down. All gateways of a route may do the same at once.
 */
export class LeftCluster {
  readonly #options: RouteSight
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #book: { readonly of: readonly Cluster[]; readonly book: FenceBook } | null = null
  #watch: { readonly of: Cluster; readonly moves: number; readonly watch: DirectWriterWatch } | null = null
  #fence: FenceReport | null = null
  #told = ''
  #trouble = ''
  #ground = ''
  #nextAt = 0

  constructor(options: RouteSight) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  start(): void {
    void this.#run()
  }

  /** What is under way ends with the connections. */
  stop(): void {
    this.#closing.abort()
  }

  /** Null while it is not known where the route leads. */
  status(): LeftStatus | null {
    const record = this.#options.record()
    if (record === null) return null
    const cluster = this.#otherThan(record.active)
    const fence = this.#fence?.cluster === cluster ? this.#fence : null
    const recent = this.#clock.now() - RECENT_MS
    const isWatched = this.#watch?.of.name === cluster
    return { cluster, fence, directWriters: isWatched ? this.#watch!.watch.since(recent) : [] }
  }

  /** A cluster has just been reached, and nothing was written there yet. */
  async arrive(cluster: Cluster): Promise<void> {
    const record = this.#options.record()
    if (record === null || record.phase !== 'open' || record.active === cluster.name) return
    const clusters = new Map(this.#options.clusters()).set(cluster.name, cluster)
    await this.#try(() =>
      within({ timeoutMs: ARRIVAL_MS }, 'raising the fence', this.#deny(record, cluster, clusters)),
    )
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      if (this.#isDue()) await this.#try(() => this.#round())
      await this.#clock.sleep(LOOK_EVERY_MS, signal)
    }
  }

  /** At once when the route has moved or a cluster has come or gone, and every few seconds. */
  #isDue(): boolean {
    const { record, clusters } = this.#options
    const ground = [record()?.writer, ...clusters().keys()].join(' ')
    if (ground === this.#ground && this.#clock.now() < this.#nextAt) return false
    this.#ground = ground
    this.#nextAt = this.#clock.now() + ROUND_EVERY_MS
    return true
  }

  async #round(): Promise<void> {
    const record = this.#options.record()
    // A run that is under way does all this itself.
    if (record === null || record.phase !== 'open') return
    const clusters = this.#options.clusters()
    for (const [name, cluster] of clusters) {
      if (name === record.active) await this.#admit(record, cluster, clusters)
      else await this.#deny(record, cluster, clusters)
    }
    const name = this.#otherThan(record.active)
    const left = clusters.get(name)
    if (left === undefined) await this.#await(name, clusters)
    else if (record.moves > 0) await this.#lookAt(record, left, clusters)
  }

  /** A run that was broken off may have left a fence where the route leads to. */
  async #admit(record: RouteRecord, cluster: Cluster, clusters: ReadonlyMap<string, Cluster>): Promise<void> {
    const book = await this.#bookOf(clusters)
    const fence = await book.read(cluster.name)
    // One that is newer than what this gateway knows was raised by a run that it has not heard of yet.
    if (fence === null || fence.epoch >= record.epoch) return
    const refused = await liftFence(cluster, book)
    this.#options.log.info({ cluster: cluster.name, refused }, 'clients may write here again')
  }

  /** What is denied on a cluster that is gone is denied again when it is back. */
  async #await(name: string, clusters: ReadonlyMap<string, Cluster>): Promise<void> {
    if (clusters.size === 0) return
    const wanted = await (await this.#bookOf(clusters)).read(name)
    if (wanted === null) return
    this.#tell({ cluster: name, state: 'waiting', entries: wanted.acls.length, unfenced: [], refused: [] })
  }

  #tell(fence: FenceReport): void {
    this.#fence = fence
    const text = fenceText(fence)
    if (text !== this.#told) this.#options.log.info(fence, 'fence of the cluster that was left')
    this.#told = text
  }

  #otherThan(active: string): string {
    const [one, other] = this.#options.names
    return active === one ? other : one
  }

  async #deny(record: RouteRecord, cluster: Cluster, clusters: ReadonlyMap<string, Cluster>): Promise<void> {
    const book = await this.#bookOf(clusters)
    const wanted = await book.read(cluster.name)
    // It may have become the cluster that the route leads to meanwhile.
    if (wanted === null || this.#options.record() !== record) return
    const { route } = this.#options
    const place = { name: cluster.name, reached: cluster }
    const { epoch, topics } = wanted
    this.#tell(await raiseFence({ route, cluster: place, epoch, topics }, book))
  }

  async #lookAt(
    { moves }: RouteRecord,
    cluster: Cluster,
    clusters: ReadonlyMap<string, Cluster>,
  ): Promise<void> {
    if (this.#watch?.of === cluster && this.#watch.moves === moves) {
      await this.#watch.watch.look()
      return
    }
    const topics = (await (await this.#bookOf(clusters)).read(cluster.name))?.topics ?? []
    const { route, log } = this.#options
    const watch = await DirectWriterWatch.start({ cluster, route, topics, log })
    this.#watch = { of: cluster, moves, watch }
  }

  /** Read once for a connection; after that only what is new. */
  async #bookOf(clusters: ReadonlyMap<string, Cluster>): Promise<FenceBook> {
    const of = [...clusters.values()]
    const isSame = this.#book?.of.length === of.length && of.every((one) => this.#book!.of.includes(one))
    if (!isSame) this.#book = { of, book: await openFenceBook(this.#options.route, of) }
    return this.#book!.book
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#trouble = ''
    } catch (error) {
      const why = messageOf(error)
      if (this.#closing.signal.aborted || why === this.#trouble) return
      this.#trouble = why
      this.#options.log.warn({ why }, 'the cluster that was left could not be seen to')
    }
  }
}
