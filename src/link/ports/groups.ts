import { commitOffsets } from '../../client/admin/commit-offsets.ts'
import { fetchOffsets } from '../../client/admin/group-offsets.ts'
import { listGroups } from '../../client/admin/list-groups.ts'
import type { Cluster } from '../../client/cluster.ts'
import { KafkaError } from '../../client/errors.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
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

  async highWatermarks(partitions: readonly TopicPartition[]): Promise<number[]> {
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'end' }) as const)
    const outcomes = await listOffsets(this.#cluster, queries, LIMITS)
    return outcomes.map((outcome) => unwrap(outcome).offset)
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

  async active(groups: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(groups)
    const present = (await groupsOf(this.#cluster)).filter(({ groupId }) => wanted.has(groupId))
    const used = present.filter(({ state }) => state !== 'Empty' && state !== 'Dead')
    return new Set(used.map(({ groupId }) => groupId))
  }

  async commit(groupId: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    const [outcomes] = await commitOffsets(this.#cluster, [{ groupId, offsets: positions }], LIMITS)
    return outcomes!.flatMap((outcome, index) => {
      if (outcome.ok) return []
      if (!(outcome.error instanceof KafkaError)) throw outcome.error
      const { topic, partition } = positions[index]!
      return [{ topic, partition, errorCode: outcome.error.kafkaCode }]
    })
  }
}

/** All groups; one broker that does not answer makes the list worthless, since a group in use could be missing. */
async function groupsOf(cluster: Cluster) {
  const { groups, failures } = await listGroups(cluster, LIMITS)
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
