import { describeTopics } from '../client/admin/topics.ts'
import type { Cluster } from '../client/cluster.ts'
import type { PartitionMetadata, TopicMetadata } from '../client/metadata.ts'
import { type Outcome, unwrap } from '../client/outcome.ts'
import type { CallOptions } from '../client/retry.ts'
import { serverError } from './errors.ts'
import type { Call } from './http/route.ts'

type Asking = Pick<Call<{ readonly cluster: string }, unknown, unknown>, 'house' | 'params' | 'signal'>

/** Asks the cluster that the path names, through its door. @throws as `ClusterDoor.use` */
export function ask<T>(
  { house, params, signal: gone }: Asking,
  run: (cluster: Cluster, limits: { readonly signal: AbortSignal }) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  const time = timeoutMs === undefined ? {} : { timeoutMs }
  return house.doors
    .to(params.cluster)
    .use((cluster, signal) => run(cluster, { signal }), { signal: gone, ...time })
}

/** @throws KAFKA_ERROR with UNKNOWN_TOPIC_OR_PARTITION */
export async function topicOf(cluster: Cluster, name: string, limits: CallOptions): Promise<TopicMetadata> {
  const [topic] = await describeTopics(cluster, [name], limits)
  return unwrap(topic!)
}

/** @throws KAFKA_ERROR with UNKNOWN_TOPIC_OR_PARTITION, RESOURCE_NOT_FOUND */
export async function partitionOf(
  cluster: Cluster,
  { topic: name, partition }: { readonly topic: string; readonly partition: string },
  limits: CallOptions,
): Promise<PartitionMetadata> {
  const topic = await topicOf(cluster, name, limits)
  const found = topic.partitions.find((entry) => String(entry.partition) === partition)
  return found ?? missing(`partition ${partition} of topic ${name}`)
}

/** The one outcome of a call about one item. */
export function only<T>([outcome]: readonly Outcome<T>[]): T {
  return unwrap(outcome!)
}

export function missing(what: string): never {
  throw serverError('RESOURCE_NOT_FOUND', `there is no ${what}`)
}
