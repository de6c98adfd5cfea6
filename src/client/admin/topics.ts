import type { Cluster } from '../cluster.ts'
import { KafkaError } from '../errors.ts'
import type { TopicMetadata } from '../metadata.ts'
import { failed, type Outcome, succeeded } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'

/** Every topic that the principal may see, internal ones included. */
export async function listTopics(
  cluster: Cluster,
  options: CallOptions = {},
): Promise<readonly TopicMetadata[]> {
  await cluster.refresh('all', options)
  return cluster.metadata.topics
}

/**
 * Partitions, leaders and replicas; one outcome per name, in order. An unknown topic is an error at once, not after
 * a wait.
 */
export async function describeTopics(
  cluster: Cluster,
  names: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<TopicMetadata>[]> {
  await cluster.refresh(names, options)
  return names.map((name) => {
    const topic = cluster.metadata.topic(name)
    if (topic !== undefined) return succeeded(topic)
    return failed(new KafkaError(cluster.metadata.faultOf(name), `topic ${name} in ${cluster.name}`))
  })
}
