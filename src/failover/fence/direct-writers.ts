import type { Log } from '../../base/log.ts'
import { listTransactions } from '../../client/admin/transactions.ts'
import type { Cluster } from '../../client/cluster.ts'
import { describeProducers } from '../../client/describe-producers.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'

/** Producer ids of links lie from here on (`link/record`): what they write is no client's. */
const LINKS_FROM = 2 ** 52
const LOOK_MS = 10_000

/** Somebody who writes to the cluster that a route has left. Kafka tells no address of a producer. */
export type DirectWriter = {
  readonly topic: string
  readonly partition: number
  /** Null: it writes without an id, so nothing more is known of it. */
  readonly producerId: number | null
  readonly producerEpoch: number | null
  readonly transactionalId: string | null
  /** Timestamp of its last record, by its own clock. */
  readonly lastAt: number | null
  /** Offsets that the partition has grown by since the fence. */
  readonly grownBy: number
}

/** One partition at one instant. */
export type PartitionLook = {
  readonly topic: string
  readonly partition: number
  readonly end: number
  readonly producers: readonly {
    readonly producerId: number
    readonly producerEpoch: number
    readonly lastSequence: number
    readonly lastTimestamp: number
    /** -1 while no transaction is open. */
    readonly currentTxnStartOffset: number
  }[]
}

/**
 * Who has written between two looks: producers whose sequence moved, and where a partition grew without any, somebody
 * without an id. Pure.
 */
export function directWriters(
  before: readonly PartitionLook[],
  now: readonly PartitionLook[],
  transactionalIds: ReadonlyMap<number, string> = new Map(),
): DirectWriter[] {
  const known = new Map(before.map((look) => [`${look.topic}-${look.partition}`, look]))
  return now.flatMap((look): DirectWriter[] => {
    const { topic, partition } = look
    const earlier = known.get(`${topic}-${partition}`)
    const grownBy = earlier === undefined ? 0 : look.end - earlier.end
    if (earlier === undefined || grownBy <= 0) return []
    const moved = look.producers.filter((one) => {
      const was = earlier.producers.find(({ producerId }) => producerId === one.producerId)
      return was?.lastSequence !== one.lastSequence || was.producerEpoch !== one.producerEpoch
    })
    // The link itself writes here once it was turned round.
    const clients = moved.filter(({ producerId }) => producerId < LINKS_FROM)
    // A coordinator that ends a transaction which was open at the fence writes one marker.
    const markers = look.producers.filter(({ producerId, currentTxnStartOffset }) => {
      const was = earlier.producers.find((one) => one.producerId === producerId)
      return was !== undefined && was.currentTxnStartOffset >= 0 && currentTxnStartOffset < 0
    })
    const unknown = { producerId: null, producerEpoch: null, transactionalId: null, lastAt: null }
    if (moved.length === 0 && grownBy <= markers.length) return []
    if (moved.length === 0) return [{ topic, partition, ...unknown, grownBy }]
    return clients.map(({ producerId, producerEpoch, lastTimestamp }) => {
      const transactionalId = transactionalIds.get(producerId) ?? null
      return { topic, partition, producerId, producerEpoch, transactionalId, lastAt: lastTimestamp, grownBy }
    })
  })
}

/** Watches the topics of a route on the cluster that it has left, from the moment of the fence on. */
export class DirectWriterWatch {
  readonly #cluster: Cluster
  readonly #route: string
  readonly #log: Log
  #before: readonly PartitionLook[] = []
  #known = new Set<string>()

  private constructor(cluster: Cluster, route: string, log: Log) {
    this.#cluster = cluster
    this.#route = route
    this.#log = log
  }

  /** What is there now is what was there at the fence. */
  static async start(options: {
    readonly cluster: Cluster
    readonly route: string
    readonly topics: readonly string[]
    readonly log: Log
  }): Promise<DirectWriterWatch> {
    const watch = new DirectWriterWatch(options.cluster, options.route, options.log)
    await options.cluster.refresh(options.topics, { timeoutMs: LOOK_MS })
    watch.#before = await lookAt(options.cluster, options.topics)
    return watch
  }

  /** Who has written since; each is logged once. */
  async look(): Promise<readonly DirectWriter[]> {
    const topics = [...new Set(this.#before.map(({ topic }) => topic))]
    const now = await lookAt(this.#cluster, topics)
    const isQuiet = directWriters(this.#before, now).length === 0
    const writers = isQuiet ? [] : directWriters(this.#before, now, await transactionalIdsOf(this.#cluster))
    for (const writer of writers) {
      const key = `${writer.topic}-${writer.partition} ${writer.producerId}`
      if (this.#known.has(key)) continue
      this.#known.add(key)
      const fields = { route: this.#route, cluster: this.#cluster.name, ...writer }
      this.#log.warn(fields, 'somebody writes directly to the cluster that the route has left')
    }
    return writers
  }
}

async function lookAt(cluster: Cluster, topics: readonly string[]): Promise<PartitionLook[]> {
  const partitions = topics.flatMap((topic) =>
    (cluster.metadata.topic(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })),
  )
  const limits = { timeoutMs: LOOK_MS }
  // Producers first: whoever writes in between has moved the end at least at the next look.
  const producers = await describeProducers(cluster, partitions, limits)
  const ends = await listOffsets(
    cluster,
    partitions.map((at) => ({ ...at, at: 'end' as const })),
    limits,
  )
  return partitions.map((at, index) => {
    return { ...at, end: unwrap(ends[index]!).offset, producers: unwrap(producers[index]!).producers }
  })
}

async function transactionalIdsOf(cluster: Cluster): Promise<Map<number, string>> {
  const { transactions } = await listTransactions(cluster, { timeoutMs: LOOK_MS })
  return new Map(transactions.map(({ producerId, transactionalId }) => [producerId, transactionalId]))
}
