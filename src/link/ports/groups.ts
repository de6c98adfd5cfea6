import { commitOffsets } from '../../client/admin/commit-offsets.ts'
import { fetchOffsets } from '../../client/admin/group-offsets.ts'
import { listGroups } from '../../client/admin/list-groups.ts'
import {
  alterShareOffsets,
  fetchShareOffsets,
  supportsShareOffsets,
} from '../../client/admin/share-offsets.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError, KafkaError } from '../../client/errors.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { type Outcome, unwrap } from '../../client/outcome.ts'
import { linkError } from '../errors.ts'
import type { CommitRefusal, GroupAnswer, GroupDestination, GroupSource } from '../groups/port.ts'
import type { Position } from '../groups/position.ts'
import type { TopicPartition } from '../port.ts'

const LIMITS = { timeoutMs: 10_000 }

/** A real cluster as the side where positions are read. */
export class GroupSourceAdapter implements GroupSource {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Share groups keep no positions of this kind (KIP-932). */
  async list(): Promise<string[]> {
    const groups = await groupsOf(this.#cluster)
    return groups.filter(({ type }) => type !== 'share').map(({ groupId }) => groupId)
  }

  positions(groups: readonly string[]): Promise<GroupAnswer[]> {
    return positionsOf(this.#cluster, groups)
  }

  highWatermarks(partitions: readonly TopicPartition[]): Promise<number[]> {
    return endsOf(this.#cluster, partitions)
  }
}

/** A real cluster as the side where positions are written. */
export class GroupDestinationAdapter implements GroupDestination {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  positions(groups: readonly string[]): Promise<GroupAnswer[]> {
    return positionsOf(this.#cluster, groups)
  }

  active(groups: readonly string[]): Promise<ReadonlySet<string>> {
    return activeOf(this.#cluster, groups)
  }

  async commit(groupId: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    const [outcomes] = await commitOffsets(this.#cluster, [{ groupId, offsets: positions }], LIMITS)
    return refusalsOf(outcomes!, positions)
  }
}

/** Share groups of a cluster, as either side: where each partition of them begins (KIP-932, Kafka 4.1 and later). */
export class ShareGroupAdapter implements GroupSource, GroupDestination {
  readonly #cluster: Cluster
  #serves: boolean | null = null

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** None where the cluster does not serve them. */
  async list(): Promise<string[]> {
    this.#serves ??= await supportsShareOffsets(this.#cluster, LIMITS)
    if (!this.#serves) return []
    const groups = await groupsOf(this.#cluster)
    return groups.filter(({ type }) => type === 'share').map(({ groupId }) => groupId)
  }

  /** A group that is not there has begun nowhere. */
  async positions(groups: readonly string[]): Promise<GroupAnswer[]> {
    const outcomes = await fetchShareOffsets(this.#cluster, groups, LIMITS)
    return outcomes.map((outcome, index) => {
      const group = groups[index]!
      if (!outcome.ok && isKafkaError(outcome.error, 'GROUP_ID_NOT_FOUND')) return { group, positions: [] }
      if (!outcome.ok) return { group, error: outcome.error }
      const begun = outcome.value.filter(({ offset }) => offset >= 0)
      return { group, positions: begun.map((start) => ({ ...start, metadata: null })) }
    })
  }

  highWatermarks(partitions: readonly TopicPartition[]): Promise<number[]> {
    return endsOf(this.#cluster, partitions)
  }

  active(groups: readonly string[]): Promise<ReadonlySet<string>> {
    return activeOf(this.#cluster, groups)
  }

  async commit(groupId: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    try {
      const outcomes = await alterShareOffsets(this.#cluster, groupId, positions, LIMITS)
      return refusalsOf(outcomes, positions)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      const [first] = positions
      return first === undefined ? [] : [{ ...first, errorCode: error.kafkaCode }]
    }
  }
}

/** All groups; one broker that does not answer makes the list worthless, since a group in use could be missing. */
async function groupsOf(cluster: Cluster) {
  // Discovery looks every two seconds which brokers there are.
  const nodes = cluster.metadata.brokers.map(({ nodeId }) => nodeId)
  const { groups, failures } = await listGroups(cluster, { ...LIMITS, nodes })
  const [failure] = failures
  if (failure === undefined) return groups
  const text = `groups of ${cluster.name}: ${failure.error.message}`
  throw linkError('GROUP_SYNC_FAILED', text, { cause: failure.error, retriable: true })
}

/** Positions as last settled: one that an open transaction is about to move is given as it is before that. */
async function positionsOf(cluster: Cluster, groups: readonly string[]): Promise<GroupAnswer[]> {
  const queries = groups.map((groupId) => ({ groupId }))
  const outcomes = await fetchOffsets(cluster, queries, LIMITS)
  return outcomes.map((outcome, index) => {
    const group = groups[index]!
    if (!outcome.ok) return { group, error: outcome.error }
    const positions = outcome.value
      .filter(({ offset }) => offset >= 0)
      .map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata }))
    return { group, positions }
  })
}

async function endsOf(cluster: Cluster, partitions: readonly TopicPartition[]): Promise<number[]> {
  const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'end' }) as const)
  const outcomes = await listOffsets(cluster, queries, LIMITS)
  return outcomes.map((outcome) => unwrap(outcome).offset)
}

async function activeOf(cluster: Cluster, groups: readonly string[]): Promise<ReadonlySet<string>> {
  const wanted = new Set(groups)
  const present = (await groupsOf(cluster)).filter(({ groupId }) => wanted.has(groupId))
  const used = present.filter(({ state }) => state !== 'Empty' && state !== 'Dead')
  return new Set(used.map(({ groupId }) => groupId))
}

function refusalsOf(outcomes: readonly Outcome<void>[], positions: readonly Position[]): CommitRefusal[] {
  return outcomes.flatMap((outcome, index) => {
    if (outcome.ok) return []
    if (!(outcome.error instanceof KafkaError)) throw outcome.error
    const { topic, partition } = positions[index]!
    return [{ topic, partition, errorCode: outcome.error.kafkaCode }]
  })
}
