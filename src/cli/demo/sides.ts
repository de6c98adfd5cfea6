import { fetchOffsets } from '../../client/admin/group-offsets.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import type { TopicPartition } from '../../client/partition.ts'

/** One number of both sides: where a topic ends or a group stands, all partitions together; null where not known. */
export type Both = { readonly source: number | null; readonly destination: number | null }

/** What a look at both clusters gave. Taken from the clusters themselves, not from what the link says of itself. */
export type Sample = {
  readonly at: number
  readonly topics: readonly (Both & { readonly topic: string })[]
  readonly groups: readonly (Both & { readonly group: string })[]
}

export type Watched = { readonly name: string; readonly partitions: number }

const LOOK_TIMEOUT_MS = 5_000

/** Connections to both clusters of the demo, for looking at them. */
export class Sides {
  readonly source: Cluster
  readonly destination: Cluster
  #sourceIsGone = false

  private constructor(source: Cluster, destination: Cluster) {
    this.source = source
    this.destination = destination
  }

  static async connect(source: ClusterConfig, destination: ClusterConfig): Promise<Sides> {
    return new Sides(await Cluster.connect(source), await Cluster.connect(destination))
  }

  /** The source was killed: nobody asks it any more, and the destination is where topics are written. */
  loseSource(): void {
    this.#sourceIsGone = true
  }

  get sourceIsGone(): boolean {
    return this.#sourceIsGone
  }

  /** The destination is asked first, so that no lag can come out below what it is. */
  async sample(topics: readonly Watched[], groups: readonly string[]): Promise<Sample> {
    const there = await this.#endsThere(topics)
    const here = await this.#ifThere(() => endsOf(this.source, topics, 'read_committed'))
    const stands = await positionsOf(this.destination, groups)
    const stood = await this.#ifThere(() => positionsOf(this.source, groups))
    return {
      at: Date.now(),
      topics: topics.map(({ name }, index) => {
        return { topic: name, source: here?.[index] ?? null, destination: there[index] ?? null }
      }),
      groups: groups.map((group, index) => {
        return { group, source: stood?.[index] ?? null, destination: stands[index] ?? null }
      }),
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.destination.close()])
  }

  /** As a mirror its end is where the copy is; as a topic of its own, what is committed counts. */
  #endsThere(topics: readonly Watched[]): Promise<(number | null)[]> {
    return endsOf(this.destination, topics, this.#sourceIsGone ? 'read_committed' : 'read_uncommitted')
  }

  /** What the source says; null once it was killed, also while it was being asked. */
  async #ifThere<T>(ask: () => Promise<T>): Promise<T | null> {
    if (this.#sourceIsGone) return null
    try {
      return await ask()
    } catch (error) {
      if (this.#sourceIsGone) return null
      throw error
    }
  }
}

async function endsOf(
  cluster: Cluster,
  topics: readonly Watched[],
  isolation: 'read_committed' | 'read_uncommitted',
): Promise<(number | null)[]> {
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

async function positionsOf(cluster: Cluster, groups: readonly string[]): Promise<(number | null)[]> {
  const asked = groups.map((groupId) => ({ groupId }))
  const answers = await fetchOffsets(cluster, asked, { timeoutMs: LOOK_TIMEOUT_MS })
  return answers.map((answer) => {
    const offsets = answer.ok ? answer.value.flatMap(({ offset }) => (offset < 0 ? [] : [offset])) : []
    return offsets.length === 0 ? null : sum(offsets)
  })
}

function partitionsOf(topic: string, count: number): TopicPartition[] {
  return Array.from({ length: count }, (_, partition) => ({ topic, partition }))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
