import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { listTransactions } from '../../client/admin/transactions.ts'
import type { Cluster } from '../../client/cluster.ts'
import { describeProducers } from '../../client/describe-producers.ts'
import { listOffsets } from '../../client/list-offsets.ts'

/** Producer ids of links lie from here on (`link/record`): what they write is no client's. */
const LINKS_FROM = 2 ** 52
const LOOK_MS = 10_000
/** Of more those are forgotten that wrote longest ago: a job may be another producer each time. */
const FOUND_MAX = 1_000

/** Somebody who writes to the cluster that a route has left. Kafka tells no address of a producer. */
export const directWriter = z.object({
  topic: z.string(),
  partition: z.int(),
  /** Null: it writes without an id, so nothing more is known of it. */
  producerId: z.number().nullable(),
  producerEpoch: z.int().nullable(),
  transactionalId: z.string().nullable(),
  /** Timestamp of its last record, by its own clock. */
  lastAt: z.number().nullable(),
  /** Offsets that the partition has grown by since the fence. */
  grownBy: z.int(),
})

export type DirectWriter = z.infer<typeof directWriter>

/** One partition at one instant. */
export type PartitionLook = {
  readonly topic: string
  readonly partition: number
  readonly end: number
  /** Nothing was written while this was looked at. */
  readonly isSteady: boolean
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
    if (earlier === undefined) return []
    const grownBy = Math.max(0, look.end - earlier.end)
    const moved = look.producers.filter((one) => {
      const was = earlier.producers.find(({ producerId }) => producerId === one.producerId)
      if (was?.lastSequence !== one.lastSequence || was.producerEpoch !== one.producerEpoch) return true
      // Markers move no sequence, and a link fills gaps with them.
      return one.producerId >= LINKS_FROM && was.lastTimestamp !== one.lastTimestamp
    })
    if (moved.length === 0)
      return isUnexplained(earlier, look) ? [{ topic, partition, ...unknown, grownBy }] : []
    // The link itself writes here once it was turned round.
    const clients = moved.filter(
      ({ producerId }) => producerId < LINKS_FROM && !isOfLink(transactionalIds.get(producerId)),
    )
    return clients.map(({ producerId, producerEpoch, lastTimestamp }) => {
      const transactionalId = transactionalIds.get(producerId) ?? null
      return { topic, partition, producerId, producerEpoch, transactionalId, lastAt: lastTimestamp, grownBy }
    })
  })
}

const unknown = { producerId: null, producerEpoch: null, transactionalId: null, lastAt: null }

/** Grown by more than coordinators write that end transactions which were open at the fence: a marker each. */
function isUnexplained(earlier: PartitionLook, look: PartitionLook): boolean {
  // What was on its way during a look may have moved the end before the producer, or after it.
  if (!earlier.isSteady || !look.isSteady) return false
  const markers = look.producers.filter(({ producerId, currentTxnStartOffset }) => {
    const was = earlier.producers.find((one) => one.producerId === producerId)
    return was !== undefined && was.currentTxnStartOffset >= 0 && currentTxnStartOffset < 0
  })
  return look.end - earlier.end > markers.length
}

/** A link that may not write markers fills gaps by transactions of its own (`link/transactions`). */
function isOfLink(transactionalId: string | undefined): boolean {
  return transactionalId?.startsWith('__kmc') === true
}

/** Watches the topics of a route on the cluster that it has left, from the moment of the fence on. */
export class DirectWriterWatch {
  readonly #cluster: Cluster
  readonly #topics: readonly string[]
  readonly #told: (writer: DirectWriter) => void
  #before: readonly PartitionLook[] = []
  readonly #found = new Map<string, { readonly writer: DirectWriter; readonly seenAt: number }>()

  private constructor(cluster: Cluster, topics: readonly string[], told: (writer: DirectWriter) => void) {
    this.#cluster = cluster
    this.#topics = topics
    this.#told = told
  }

  /** What is there now is what was there at the fence. Each writer is logged once. */
  static async start(options: {
    readonly cluster: Cluster
    readonly route: string
    readonly topics: readonly string[]
    readonly log: Log
  }): Promise<DirectWriterWatch> {
    const { cluster, route, topics, log } = options
    const watch = new DirectWriterWatch(cluster, topics, (writer) => {
      const fields = { route, cluster: cluster.name, ...writer }
      log.warn(fields, 'somebody writes directly to the cluster that the route has left')
    })
    watch.#before = await watch.#look()
    return watch
  }

  /** Who has written since the start, as far as any look has shown. */
  async look(): Promise<readonly DirectWriter[]> {
    const now = await this.#look()
    const isQuiet = directWriters(this.#before, now).length === 0
    const ids = isQuiet ? undefined : await transactionalIdsOf(this.#cluster)
    for (const writer of directWriters(this.#before, now, ids)) this.#note(writer)
    this.#before = now
    return this.since(0)
  }

  /** Those that were seen at their writing after a time. */
  since(atMs: number): readonly DirectWriter[] {
    return [...this.#found.values()].flatMap(({ writer, seenAt }) => (seenAt >= atMs ? [writer] : []))
  }

  #note(writer: DirectWriter): void {
    const key = `${writer.topic}-${writer.partition} ${writer.producerId}`
    const known = this.#found.get(key)
    if (known === undefined) this.#told(writer)
    const grownBy = writer.grownBy + (known?.writer.grownBy ?? 0)
    // The one that was seen longest ago stands first.
    this.#found.delete(key)
    this.#found.set(key, { writer: { ...writer, grownBy }, seenAt: systemClock.now() })
    if (this.#found.size > FOUND_MAX) this.#found.delete(this.#found.keys().next().value!)
  }

  async #look(): Promise<PartitionLook[]> {
    await this.#cluster.refresh(this.#topics, { timeoutMs: LOOK_MS })
    return await lookAt(this.#cluster, this.#topics)
  }
}

async function lookAt(cluster: Cluster, topics: readonly string[]): Promise<PartitionLook[]> {
  const partitions = topics.flatMap((topic) =>
    (cluster.metadata.topic(topic)?.partitions ?? []).map(({ partition }) => ({ topic, partition })),
  )
  const limits = { timeoutMs: LOOK_MS }
  const queries = partitions.map((one) => ({ ...one, at: 'end' }) as const)
  const before = await listOffsets(cluster, queries, limits)
  const producers = await describeProducers(cluster, partitions, limits)
  const ends = await listOffsets(cluster, queries, limits)
  // A partition that did not answer is looked at the next time.
  return partitions.flatMap((at, index) => {
    const [first, answer, end] = [before[index]!, producers[index]!, ends[index]!]
    if (!first.ok || !answer.ok || !end.ok) return []
    const isSteady = first.value.offset === end.value.offset
    return [{ ...at, end: end.value.offset, isSteady, producers: answer.value.producers }]
  })
}

async function transactionalIdsOf(cluster: Cluster): Promise<Map<number, string>> {
  const { transactions } = await listTransactions(cluster, { timeoutMs: LOOK_MS })
  return new Map(transactions.map(({ producerId, transactionalId }) => [producerId, transactionalId]))
}

/** `producer 7 (pay) on orders-0, orders-1`, one text a producer. */
export function writerTexts(writers: readonly DirectWriter[]): string[] {
  const byProducer = Map.groupBy(writers, ({ producerId }) => producerId)
  return [...byProducer].map(([producerId, own]) => {
    const id = own.find(({ transactionalId }) => transactionalId !== null)?.transactionalId ?? null
    const who = producerId === null ? 'a producer without an id' : `producer ${producerId}`
    const where = own.map(({ topic, partition }) => `${topic}-${partition}`)
    return `${id === null ? who : `${who} (${id})`} on ${where.sort().join(', ')}`
  })
}
