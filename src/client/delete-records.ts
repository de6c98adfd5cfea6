import { DeleteRecords } from '../wire/apis/021-delete-records.ts'
import type { Cluster } from './cluster.ts'
import { perLeader } from './leader-calls.ts'
import type { Outcome } from './outcome.ts'
import type { NodeCall, PartitionAnswer, TopicPartition } from './partition.ts'
import type { CallOptions } from './retry.ts'
import { TopicGroups } from './topic-groups.ts'

/** Records before `offset` go; it may not lie above the high watermark, which -1 stands for. */
export type RecordDeletion = TopicPartition & { readonly offset: number }

/** `lowWatermark`: the first offset that every replica still keeps. */
export type DeletedRecords = PartitionAnswer & { readonly lowWatermark: number }

/** Asks one broker, once, to delete records of partitions it leads; one answer per partition, in order. */
export async function deleteRecordsAt(
  cluster: Cluster,
  { node, ...options }: NodeCall,
  deletions: readonly RecordDeletion[],
): Promise<DeletedRecords[]> {
  const groups = new TopicGroups(deletions)
  groups.assertDistinct('DeleteRecords')
  const topics = groups.list.map(({ topic: name, items }) => {
    return {
      name,
      partitions: items.map(({ partition: partitionIndex, offset }) => ({ partitionIndex, offset })),
    }
  })
  const { timeoutMs } = cluster.limitsOf(options)
  const body = { topics, timeoutMs: Math.round(timeoutMs) }
  const answer = await cluster.request(DeleteRecords, body, { node, ...options })
  const results = groups.results<DeletedRecords>('DeleteRecords')
  for (const { name: topic, partitions } of answer.topics) {
    for (const { partitionIndex: partition, errorCode, lowWatermark } of partitions) {
      results.put(topic, partition, { topic, partition, errorCode, lowWatermark })
    }
  }
  return results.finish()
}

/** The same at whoever leads the partitions, repeated while a retry can help. One outcome per deletion, in order. */
export function deleteRecords(
  cluster: Cluster,
  deletions: readonly RecordDeletion[],
  options: CallOptions = {},
): Promise<Outcome<DeletedRecords>[]> {
  return perLeader(cluster, deletions, {
    ...options,
    what: 'deleting records',
    ask: (node, part, limits) => deleteRecordsAt(cluster, { node, ...limits }, part),
  })
}
