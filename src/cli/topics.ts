import type { Command } from 'commander'
import type { KmcError } from '../base/error.ts'
import { listTopics } from '../client/admin/topics.ts'
import type { Cluster } from '../client/cluster.ts'
import { KafkaError } from '../client/errors.ts'
import type { TopicMetadata } from '../client/metadata.ts'
import { nearest } from '../fleet/file/suggest.ts'
import { ErrorCode } from '../wire/error-codes.ts'
import { cliError } from './errors.ts'

/** `--cluster`, for commands on one cluster or, left out, on all. */
export function withCluster(command: Command): Command {
  return command.option('--cluster <name>', 'a cluster of the fleet file; needed where it has several')
}

/** The same for commands that look at all clusters when none is named. */
export function withClusters(command: Command): Command {
  return command.option('--cluster <name>', 'only this cluster; without it, all of the fleet file')
}

/** What the cluster knows of a topic now; null when it has none of that name. Errors: KAFKA_ERROR. */
export async function topicIfThere(
  cluster: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<TopicMetadata | null> {
  await cluster.refresh([name], { signal })
  const topic = cluster.metadata.topic(name)
  if (topic !== undefined) return topic
  const fault = cluster.metadata.faultOf(name)
  if (fault === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return null
  throw new KafkaError(fault, `topic ${name} of ${cluster.name}`)
}

/** The same; TOPIC_UNKNOWN with the name that was probably meant when there is none. */
export async function findTopic(cluster: Cluster, name: string, signal: AbortSignal): Promise<TopicMetadata> {
  const topic = await topicIfThere(cluster, name, signal)
  if (topic !== null) return topic
  const near = nearest(
    name,
    (await listTopics(cluster, { signal })).map((other) => other.name),
  )
  throw topicUnknown(name, [cluster.name], near === null ? undefined : `Did you mean ${near}?`)
}

export function topicUnknown(topic: string, clusters: readonly string[], remedy?: string): KmcError {
  const where = clusters.length === 1 ? `Cluster ${clusters[0]} has` : `None of ${clusters.join(', ')} has`
  const article = clusters.length === 1 ? 'no' : 'a'
  return cliError('TOPIC_UNKNOWN', `${where} ${article} topic "${topic}"`, {
    ...(remedy === undefined ? {} : { remedy }),
    context: { clusters, topic },
  })
}

/** Partitions of a topic that were asked for, or all; PARTITION_UNKNOWN. */
export function pickPartitions(topic: TopicMetadata, asked: readonly number[]): number[] {
  const present = topic.partitions.map(({ partition }) => partition)
  const missing = asked.find((partition) => !present.includes(partition))
  if (missing !== undefined) {
    const message = `Topic ${topic.name} has partitions 0 to ${present.length - 1}, not ${missing}`
    const remedy = `See its partitions with: kmc topic describe ${topic.name}`
    throw cliError('PARTITION_UNKNOWN', message, {
      remedy,
      context: { topic: topic.name, partition: missing },
    })
  }
  return asked.length === 0 ? present : [...new Set(asked)]
}
