import type { Cluster } from '../../client/cluster.ts'
import type { TopicMetadata } from '../../client/metadata.ts'
import { type Outcome, outcomeOf } from '../../client/outcome.ts'
import { type Appended, Appender } from '../../client/records/append.ts'
import { partitionOfKey } from '../../client/records/partitioner.ts'
import type { CallOptions } from '../../client/retry.ts'
import type { RecordInput } from '../../wire/batch/record.ts'
import { topicOf } from '../ask.ts'
import { serverError } from '../errors.ts'

/** A record as a caller gives it; without a partition its key decides, without a key either chance. */
export type NewRecord = { readonly record: RecordInput; readonly partition: number | null }

/** They live as long as the connections to the cluster. */
const appenders = new WeakMap<Cluster, Appender>()

/**
 * Writes records into a topic; one outcome a record, in order. Records without key and partition go to one partition a
 * call. @throws KAFKA_ERROR with UNKNOWN_TOPIC_OR_PARTITION
 */
export async function writeRecords(
  cluster: Cluster,
  topic: string,
  records: readonly NewRecord[],
  limits: CallOptions,
): Promise<Outcome<Appended>[]> {
  const known = cluster.metadata.topic(topic) ?? (await topicOf(cluster, topic, limits))
  const chance = Math.random()
  const appender = appenderOf(cluster)
  return await Promise.all(
    records.map((one) =>
      outcomeOf(
        Promise.try(() =>
          appender.append({ topic, partition: partitionFor(one, known, chance) }, one.record),
        ),
      ),
    ),
  )
}

function appenderOf(cluster: Cluster): Appender {
  const known = appenders.get(cluster)
  if (known !== undefined) return known
  const made = new Appender(cluster)
  appenders.set(cluster, made)
  return made
}

function partitionFor({ partition, record }: NewRecord, topic: TopicMetadata, chance: number): number {
  const { length: count } = topic.partitions
  if (partition === null) {
    const { key } = record
    return key === null || key === undefined ? Math.floor(chance * count) : partitionOfKey(key, count)
  }
  if (partition >= 0 && partition < count) return partition
  throw serverError(
    'PARTITION_NOT_FOUND',
    `topic ${topic.name} has partitions 0 to ${count - 1}, not ${partition}`,
  )
}
