import type { TopicConfig } from '../../src/link/mirrors/configs.ts'
import type { TopicInfo } from '../../src/link/mirrors/port.ts'
import type { FetchItem, TopicPartition } from '../../src/link/port.ts'
import type { Random } from '../engine/random.ts'
import type { ClusterModel, TopicModel } from '../model/cluster.ts'
import type { Network, Owner } from '../model/network.ts'
import type { Wanted } from '../model/reading.ts'

export type Known = { readonly id: string; readonly leaders: readonly (number | null)[] }

/** As long as the real ports wait for an answer (`ports/` and `client/limits` of the product). */
export const LOOK_UP_MS = 10_000
export const ADMIN_MS = 20_000
export const PRODUCE_MS = 30_000
export const FETCH_EXTRA_MS = 15_000

/** One worker's view of one cluster: metadata as it last heard them, and its connections. */
export class ClusterAccess {
  readonly cluster: ClusterModel
  readonly network: Network
  readonly owner: Owner
  readonly #random: Random
  #known = new Map<string, Known>()

  constructor(network: Network, owner: Owner, random: Random) {
    this.cluster = network.cluster
    this.network = network
    this.owner = owner
    this.#random = random
  }

  leaderOf({ topic, partition }: TopicPartition): number | null {
    return this.#known.get(topic)?.leaders[partition] ?? null
  }
  idOf(topic: string): string {
    return this.#known.get(topic)?.id ?? ''
  }

  wanted(items: readonly FetchItem[]): Wanted[] {
    return items.map((item) => ({ ...item, id: this.idOf(item.topic) }))
  }
  async refresh(): Promise<void> {
    await this.topics()
  }

  async topics(): Promise<TopicInfo[]> {
    const known = await this.anywhere('metadata', LOOK_UP_MS, () => this.#metadata())
    this.#known = new Map(known)
    return known.map(([name, { id, leaders }]) => ({ name, id, partitions: leaders.length }))
  }

  configs(topics: readonly string[]): Promise<Map<string, TopicConfig>> {
    return this.anywhere('configs', ADMIN_MS, () => {
      return new Map(topics.map((name) => [name, { ...(this.cluster.topics.get(name)?.configs ?? {}) }]))
    })
  }

  /** A question that any broker answers at once. */
  anywhere<T>(what: string, timeoutMs: number, answer: () => T): Promise<T> {
    const node = this.#random.pick(this.cluster.brokersUp().length > 0 ? this.cluster.brokersUp() : [1])
    return this.call(
      node,
      'main',
      timeoutMs,
      () => what,
      (done: (value: T) => void) => done(answer()),
    )
  }

  call<T>(
    node: number,
    lane: string,
    timeoutMs: number,
    what: () => string,
    serve: (answer: (value: T) => void) => void,
  ): Promise<T> {
    return this.network.call(this.owner, { node, lane, timeoutMs, what }, serve)
  }

  #metadata(): [string, Known][] {
    const { stale, events } = this.cluster
    const behind = stale !== null && events.now < stale.until && this.#random.chance(0.5)
    const topics: Iterable<TopicModel> = behind ? stale.topics : this.cluster.topics.values()
    return [...topics].map(({ name, id, partitions }) => {
      return [name, { id, leaders: partitions.map(({ knownLeader }) => knownLeader) }]
    })
  }
}
