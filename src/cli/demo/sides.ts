import { fetchOffsets } from '../../client/admin/group-offsets.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import type { TopicPartition } from '../../client/partition.ts'

/** The two ends of one topic at one instant, all partitions together; null where a side does not know it yet. */
export type TopicEnds = {
  readonly topic: string
  readonly source: number | null
  readonly destination: number | null
}

/** What a look at both clusters gave. Taken from the clusters themselves, not from what the link says of itself. */
export type Sample = {
  readonly at: number
  readonly topics: readonly TopicEnds[]
  /** Where the group stands on each side, all its partitions together; null where it has no position. */
  readonly group: { readonly source: number | null; readonly destination: number | null }
}

type Watched = { readonly name: string; readonly partitions: number }

const LOOK_TIMEOUT_MS = 5_000

/** Connections to both clusters of the demo, for looking at them. */
export class Sides {
  readonly source: Cluster
  readonly destination: Cluster

  private constructor(source: Cluster, destination: Cluster) {
    this.source = source
    this.destination = destination
  }

  static async connect(source: ClusterConfig, destination: ClusterConfig): Promise<Sides> {
    return new Sides(await Cluster.connect(source), await Cluster.connect(destination))
  }

  /** The destination is asked first, so that no lag can come out below what it is. */
  async sample(topics: readonly Watched[], group: string): Promise<Sample> {
    const there = await this.#ends(this.destination, topics, false)
    const here = await this.#ends(this.source, topics, true)
    const [source, destination] = await Promise.all([
      this.#position(this.source, group),
      this.#position(this.destination, group),
    ])
    return {
      at: Date.now(),
      topics: topics.map(({ name }, index) => ({
        topic: name,
        source: here[index] ?? null,
        destination: there[index] ?? null,
      })),
      group: { source, destination },
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.destination.close()])
  }

  /** Ends of topics; the source's are those of what is committed, since that is all that is mirrored. */
  async #ends(cluster: Cluster, topics: readonly Watched[], committed: boolean): Promise<(number | null)[]> {
    const isolation = committed ? 'read_committed' : 'read_uncommitted'
    const known = topics.map(({ name }) => cluster.metadata.topic(name) !== undefined)
    if (known.includes(false)) await cluster.refresh(topics.map(({ name }) => name))
    const queries = topics.flatMap(({ name, partitions }) =>
      cluster.metadata.topic(name) === undefined
        ? []
        : partitionsOf(name, partitions).map((at) => ({ ...at, at: 'end' as const, isolation }) as const),
    )
    const answers = await listOffsets(cluster, queries, { timeoutMs: LOOK_TIMEOUT_MS })
    return topics.map(({ name }) => {
      const parts = answers.filter((_, index) => queries[index]!.topic === name)
      const offsets = parts.flatMap((answer) => (answer.ok ? [answer.value.offset] : []))
      return parts.length === 0 || offsets.length < parts.length ? null : sum(offsets)
    })
  }

  async #position(cluster: Cluster, groupId: string): Promise<number | null> {
    const [answer] = await fetchOffsets(cluster, [{ groupId }], { timeoutMs: LOOK_TIMEOUT_MS })
    if (answer === undefined || !answer.ok) return null
    const offsets = answer.value.flatMap(({ offset }) => (offset < 0 ? [] : [offset]))
    return offsets.length === 0 ? null : sum(offsets)
  }
}

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
