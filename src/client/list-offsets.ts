import { ListOffsets } from '../wire/apis/002-list-offsets.ts'
import type { Cluster } from './cluster.ts'
import { type Isolation, isolationLevel } from './isolation.ts'
import { perLeader } from './leader-calls.ts'
import type { Outcome } from './outcome.ts'
import type { NodeCall, PartitionAnswer, TopicPartition } from './partition.ts'
import type { CallOptions } from './retry.ts'
import { TopicGroups } from './topic-groups.ts'

/**
 * Which offset is asked for. `end`: the high watermark, or the last stable offset at read_committed; `log-end`: where
 * the broker's own log ends, replicated or not, also of a broker that does not lead; `start`: the first offset kept;
 * `max-timestamp`: of the record with the highest timestamp (KIP-734); `timestampMs`: of the first record at or after
 * that time.
 */
export type OffsetPoint = 'end' | 'log-end' | 'start' | 'max-timestamp' | { readonly timestampMs: number }

/** `offset` and `timestamp` are -1 when there is no such record. */
export type ListedOffset = {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

export type OffsetQuery = TopicPartition & { readonly at: OffsetPoint; readonly isolation?: Isolation }

/** `at` max-timestamp came with version 7; older brokers would take its number for a time. */
const MAX_TIMESTAMP_FROM = 7
const points = { end: -1, 'log-end': -1, start: -2, 'max-timestamp': -3 } as const
/** DEBUGGING_REPLICA_ID of Kafka's ListOffsetsRequest: no isolation level applies (ReplicaManager.fetchOffset). */
const DEBUGGING_REPLICA = -2
const CONSUMER = -1

/** Asks one broker, once, for offsets of partitions it leads; one answer per partition, in order. */
export async function listOffsetsAt(
  cluster: Cluster,
  { node, lane, ...options }: NodeCall,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
  isolation: Isolation = 'read_uncommitted',
): Promise<(PartitionAnswer & ListedOffset)[]> {
  const { timeoutMs, signal } = cluster.limitsOf(options)
  const connection = await cluster.connection(node, { lane, timeoutMs, signal })
  const version = connection.versions.pick(ListOffsets)
  if (at === 'max-timestamp') connection.versions.require(ListOffsets, MAX_TIMESTAMP_FROM)
  const groups = new TopicGroups(partitions)
  groups.assertDistinct('ListOffsets')
  const timestamp = typeof at === 'string' ? points[at] : at.timestampMs
  const topics = groups.list.map(({ topic: name, items }) => ({
    name,
    partitions: items.map(({ partition: partitionIndex }) => ({ partitionIndex, timestamp })),
  }))
  const body = {
    replicaId: at === 'log-end' ? DEBUGGING_REPLICA : CONSUMER,
    isolationLevel: isolationLevel(isolation),
    topics,
    timeoutMs: Math.round(timeoutMs),
  }
  const answer = await connection.send(ListOffsets, body, { version, timeoutMs, signal })
  const results = groups.results<PartitionAnswer & ListedOffset>('ListOffsets')
  for (const { name: topic, partitions: parts } of answer.topics) {
    for (const { partitionIndex: partition, errorCode, offset, timestamp: found, leaderEpoch } of parts) {
      results.put(topic, partition, { topic, partition, errorCode, offset, timestamp: found, leaderEpoch })
    }
  }
  return results.finish()
}

/**
 * Offsets from whoever leads the partitions, repeated while a retry can help. One outcome per query, in order; the
 * same partition may be asked about several times.
 */
export function listOffsets(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: CallOptions = {},
): Promise<Outcome<ListedOffset>[]> {
  return perLeader(cluster, queries, {
    ...options,
    what: 'offset',
    // One request carries one kind of question, and no partition twice.
    kindOf: ({ at, isolation }) => `${typeof at === 'string' ? at : at.timestampMs} ${isolation}`,
    ask: (node, part, limits) => {
      const { at, isolation } = part[0]!
      return listOffsetsAt(cluster, { node, ...limits }, part, at, isolation)
    },
  })
}
