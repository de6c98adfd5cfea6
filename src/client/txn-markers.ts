import { WriteTxnMarkers, type WriteTxnMarkersResponse } from '../wire/apis/027-write-txn-markers.ts'
import type { Cluster } from './cluster.ts'
import { ClientError } from './errors.ts'
import { type NodeCall, type PartitionAnswer, partitionName, type TopicPartition } from './partition.ts'
import { TopicGroups } from './topic-groups.ts'

/** One entry of a request: one marker, hence one offset, in each of its partitions. */
export type TxnMarker = {
  readonly producerId: number
  readonly producerEpoch: number
  /** Commit, or abort. */
  readonly committed: boolean
  /** Refused when lower than the last one the partition saw from this producer id: usable as a fence. */
  readonly coordinatorEpoch: number
  /** Each partition at most once. */
  readonly partitions: readonly TopicPartition[]
}

export type MarkedPartition = PartitionAnswer & { readonly producerId: number }

/**
 * Writes transaction markers to partitions that `node` leads, once. The broker answers once per producer id and
 * partition, however many entries named them; every pair asked is in the result. Needs ALTER or CLUSTER_ACTION on
 * the cluster. Errors: those of `Cluster.request`; INCOMPLETE_RESPONSE, INVALID_ARGUMENT.
 */
export async function writeTxnMarkers(
  cluster: Cluster,
  { node, ...options }: NodeCall,
  markers: readonly TxnMarker[],
): Promise<MarkedPartition[]> {
  const topicsOf = new Map<readonly TopicPartition[], { name: string; partitionIndexes: number[] }[]>()
  const body = markers.map(({ producerId, producerEpoch, committed, coordinatorEpoch, partitions }) => {
    const topics = topicsOf.get(partitions) ?? groupTopics(partitions)
    topicsOf.set(partitions, topics)
    return { producerId, producerEpoch, transactionResult: committed, topics, coordinatorEpoch }
  })
  const answer = await cluster.request(WriteTxnMarkers, { markers: body }, { node, ...options })
  return readAnswer(markers, answer)
}

function groupTopics(partitions: readonly TopicPartition[]): { name: string; partitionIndexes: number[] }[] {
  const groups = new TopicGroups(partitions)
  groups.assertDistinct('A transaction marker')
  return groups.list.map(({ topic: name, items }) => ({
    name,
    partitionIndexes: items.map(({ partition }) => partition),
  }))
}

function readAnswer(markers: readonly TxnMarker[], answer: WriteTxnMarkersResponse): MarkedPartition[] {
  const found = new Map<string, MarkedPartition>()
  for (const { producerId, topics } of answer.markers) {
    for (const { name: topic, partitions } of topics) {
      for (const { partitionIndex: partition, errorCode } of partitions) {
        const key = keyOf(producerId, { topic, partition })
        // A pair may be answered once per entry: a failure of any of them counts.
        if ((found.get(key)?.errorCode ?? 0) === 0)
          found.set(key, { producerId, topic, partition, errorCode })
      }
    }
  }
  // Gaps are long rows of equal entries: what they share is looked up once.
  const lists = new Map<readonly TopicPartition[], Set<number>>()
  for (const { producerId, partitions } of markers) {
    lists.set(partitions, (lists.get(partitions) ?? new Set()).add(producerId))
  }
  const asked = [...lists].flatMap(([partitions, ids]) => {
    return [...ids].flatMap((producerId) => partitions.map((entry) => keyOf(producerId, entry)))
  })
  const missing = asked.filter((key) => !found.has(key))
  if (missing.length === 0) return [...found.values()]
  const message = `The answer to WriteTxnMarkers leaves out ${missing[0]} and ${missing.length - 1} more.`
  throw new ClientError('INCOMPLETE_RESPONSE', message)
}

function keyOf(producerId: number, partition: TopicPartition): string {
  return `producer ${producerId} on ${partitionName(partition)}`
}
