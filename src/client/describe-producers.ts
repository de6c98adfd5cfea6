import {
  DescribeProducers,
  type DescribeProducersResponseProducerState,
} from '../wire/apis/061-describe-producers.ts'
import type { Cluster } from './cluster.ts'
import { perLeader } from './leader-calls.ts'
import type { Outcome } from './outcome.ts'
import type { NodeCall, PartitionAnswer, TopicPartition } from './partition.ts'
import type { CallOptions } from './retry.ts'
import { TopicGroups } from './topic-groups.ts'

/** What a leader remembers of one producer id (KIP-664). `lastSequence` is -1 when it wrote only markers. */
export type ProducerState = Readonly<Omit<DescribeProducersResponseProducerState, 'unknownTags'>>

export type PartitionProducers = PartitionAnswer & {
  readonly message: string | null
  readonly producers: readonly ProducerState[]
}

/** Asks one broker, once, about producers on partitions it leads; one answer per partition, in order. */
export async function describeProducersAt(
  cluster: Cluster,
  { node, ...options }: NodeCall,
  partitions: readonly TopicPartition[],
): Promise<PartitionProducers[]> {
  const groups = new TopicGroups(partitions)
  groups.assertDistinct('DescribeProducers')
  const topics = groups.list.map(({ topic: name, items }) => {
    return { name, partitionIndexes: items.map(({ partition }) => partition) }
  })
  const answer = await cluster.request(DescribeProducers, { topics }, { node, ...options })
  const results = groups.results<PartitionProducers>('DescribeProducers')
  for (const { name: topic, partitions: parts } of answer.topics) {
    for (const {
      partitionIndex: partition,
      errorCode,
      errorMessage: message,
      activeProducers: producers,
    } of parts) {
      results.put(topic, partition, { topic, partition, errorCode, message, producers })
    }
  }
  return results.finish()
}

/**
 * The same from whoever leads the partitions, repeated while a retry can help. One outcome per partition, in order.
 */
export function describeProducers(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<Outcome<PartitionProducers>[]> {
  return perLeader(cluster, partitions, {
    ...options,
    what: 'producers',
    ask: (node, part, limits) => describeProducersAt(cluster, { node, ...limits }, part),
  })
}
