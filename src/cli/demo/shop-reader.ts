import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { consumeInGroup } from '../records/consume-in-group.ts'
import { Pauses } from './pauses.ts'
import { idOf } from './shop-records.ts'

/** Departments of the shop that read the orders, each a consumer group. */
export const shopGroups = ['shipping', 'billing'] as const

/** One department: what it has read, each order by its id. */
export class ShopReader {
  readonly group: string
  readonly pauses = new Pauses()
  readonly #seen = new Set<string>()
  readonly #closing = new AbortController()
  readonly #work: Promise<void>
  #again = 0

  private constructor(group: string, cluster: Cluster, failed: (error: unknown) => void) {
    this.group = group
    this.#work = this.#read(cluster)
    this.#work.catch(failed)
  }

  /** Reads until `close`; `failed` is told of what ended it before. */
  static async start(
    route: ClusterConfig,
    group: string,
    failed: (error: unknown) => void,
  ): Promise<ShopReader> {
    return new ShopReader(group, await Cluster.connect({ ...route, clientId: group }), failed)
  }

  /** Orders that came once more than once. */
  get again(): number {
    return this.#again
  }

  hasRead(id: string): boolean {
    return this.#seen.has(id)
  }

  /** Leaves the group and commits what was read. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#work
  }

  async #read(cluster: Cluster): Promise<void> {
    const { group } = this
    const isolation = 'read_committed'
    const reading = { topic: 'orders', group, fallback: 'beginning', isolation, untilEnd: false } as const
    try {
      await consumeInGroup(cluster, reading, this.#closing.signal, async (record) => {
        this.pauses.note(Date.now())
        const id = idOf(record.headers)
        if (this.#seen.has(id)) this.#again += 1
        this.#seen.add(id)
        return true
      })
    } finally {
      await cluster.close()
    }
  }
}
