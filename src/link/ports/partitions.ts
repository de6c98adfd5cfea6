import type { Cluster } from '../../client/cluster.ts'
import { ListOffsets } from '../../wire/apis/002-list-offsets.ts'
import { DeleteRecords } from '../../wire/apis/021-delete-records.ts'
import { WriteTxnMarkers } from '../../wire/apis/027-write-txn-markers.ts'
import { DescribeProducers } from '../../wire/apis/061-describe-producers.ts'
import type {
  MarkerItem,
  MarkerWriter,
  OffsetAnswer,
  PartitionAnswer,
  ProducersAnswer,
  RangeAnswer,
  TopicPartition,
} from '../port.ts'
import { groupByTopic, inOrder } from './by-partition.ts'

const TIMEOUT_MS = 10_000
const MARKERS_LANE = 'markers'
/** Version 2 adds the transaction version (KIP-1228), which markers without a transaction have none of. */
const MARKERS_VERSION = 1

/** Special timestamps of ListOffsets. */
export const LATEST = -1
export const EARLIEST = -2
export type Isolation = 'read_uncommitted' | 'read_committed'

/** ListOffsets at one broker: the log end (LATEST; with read_committed the last stable offset), start, or by time. */
export async function listOffsets(
  cluster: Cluster,
  node: number,
  items: readonly (TopicPartition & { readonly timestamp: number })[],
  isolation: Isolation = 'read_uncommitted',
): Promise<OffsetAnswer[]> {
  const topics = [...groupByTopic(items)].map(([name, partitions]) => ({
    name,
    partitions: partitions.map(({ partition, timestamp }) => ({ partitionIndex: partition, timestamp })),
  }))
  const isolationLevel = isolation === 'read_committed' ? 1 : 0
  const route = { node, timeoutMs: TIMEOUT_MS }
  const answer = await cluster.request(ListOffsets, { replicaId: -1, isolationLevel, topics }, route)
  const parts = answer.topics.flatMap(({ name, partitions }) =>
    partitions.map((part) => [name, part.partitionIndex, part] as const),
  )
  return inOrder('ListOffsets', items, parts).map(({ errorCode, offset }, index) => {
    const { topic, partition } = items[index]!
    return { topic, partition, errorCode, offset }
  })
}

/** Log start and end of each partition at one broker. */
export async function listRanges(
  cluster: Cluster,
  node: number,
  partitions: readonly TopicPartition[],
  isolation: Isolation,
): Promise<RangeAnswer[]> {
  const at = (timestamp: number) => partitions.map((partition) => ({ ...partition, timestamp }))
  const [starts, ends] = await Promise.all([
    listOffsets(cluster, node, at(EARLIEST)),
    listOffsets(cluster, node, at(LATEST), isolation),
  ])
  return starts.map((start, index) => {
    const end = ends[index]!
    const { topic, partition } = start
    const errorCode = start.errorCode !== 0 ? start.errorCode : end.errorCode
    return { topic, partition, errorCode, start: start.offset, end: end.offset }
  })
}

/** What the leader remembers of the producers of each partition (KIP-664). */
export async function describeProducers(
  cluster: Cluster,
  node: number,
  partitions: readonly TopicPartition[],
): Promise<ProducersAnswer[]> {
  const answer = await cluster.request(
    DescribeProducers,
    { topics: topicsWithIndexes(partitions) },
    { node, timeoutMs: TIMEOUT_MS },
  )
  const parts = answer.topics.flatMap(({ name, partitions: found }) =>
    found.map((part) => [name, part.partitionIndex, part] as const),
  )
  return inOrder('DescribeProducers', partitions, parts).map(({ errorCode, activeProducers }, index) => {
    const { topic, partition } = partitions[index]!
    return { topic, partition, errorCode, producers: activeProducers }
  })
}

/**
 * Writes COMMIT markers without a transaction: each entry of the request takes one offset in each partition it names.
 * Entry k names the partitions that need more than k, since one entry must not name a partition twice.
 */
export async function writeMarkers(
  cluster: Cluster,
  node: number,
  { producerId, producerEpoch, generation }: MarkerWriter,
  items: readonly MarkerItem[],
): Promise<PartitionAnswer[]> {
  const most = items.reduce((max, { count }) => Math.max(max, count), 0)
  const markers = Array.from({ length: most }, (_, k) => ({
    producerId,
    producerEpoch,
    transactionResult: true,
    coordinatorEpoch: generation,
    topics: topicsWithIndexes(items.filter(({ count }) => count > k)),
  }))
  const route = { node, lane: MARKERS_LANE, version: MARKERS_VERSION, timeoutMs: TIMEOUT_MS }
  const answer = await cluster.request(WriteTxnMarkers, { markers }, route)
  // One code a partition, whatever the number of entries: the broker merges those of one producer id.
  const parts = answer.markers.flatMap(({ topics }) =>
    topics.flatMap(({ name, partitions }) =>
      partitions.map((part) => [name, part.partitionIndex, part] as const),
    ),
  )
  return inOrder('WriteTxnMarkers', items, parts).map(({ errorCode }, index) => {
    const { topic, partition } = items[index]!
    return { topic, partition, errorCode }
  })
}

/** Moves log starts up to `offset`. */
export async function deleteRecords(
  cluster: Cluster,
  node: number,
  items: readonly (TopicPartition & { readonly offset: number })[],
): Promise<PartitionAnswer[]> {
  const topics = [...groupByTopic(items)].map(([name, partitions]) => ({
    name,
    partitions: partitions.map(({ partition, offset }) => ({ partitionIndex: partition, offset })),
  }))
  const body = { topics, timeoutMs: TIMEOUT_MS }
  const answer = await cluster.request(DeleteRecords, body, { node, timeoutMs: TIMEOUT_MS })
  const parts = answer.topics.flatMap(({ name, partitions }) =>
    partitions.map((part) => [name, part.partitionIndex, part] as const),
  )
  return inOrder('DeleteRecords', items, parts).map(({ errorCode }, index) => {
    const { topic, partition } = items[index]!
    return { topic, partition, errorCode }
  })
}

function topicsWithIndexes(partitions: readonly TopicPartition[]) {
  return [...groupByTopic(partitions)].map(([name, found]) => ({
    name,
    partitionIndexes: found.map(({ partition }) => partition),
  }))
}
