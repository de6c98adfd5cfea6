import { alterConfigs, describeConfigs } from '../../client/admin/configs.ts'
import { createPartitions } from '../../client/admin/create-partitions.ts'
import { createTopics, type NewTopic } from '../../client/admin/create-topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import { KafkaError } from '../../client/errors.ts'
import { unwrap } from '../../client/outcome.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { TopicInfo } from '../mirrors/port.ts'

const LIMITS = { timeoutMs: 20_000 }
/** Asked every two seconds, so one slow answer may be given up. */
const METADATA_MS = 10_000

/** All topics of a cluster, fresh. */
export async function topicsOf(cluster: Cluster): Promise<TopicInfo[]> {
  await cluster.refresh('all', { timeoutMs: METADATA_MS })
  return cluster.metadata.topics.map(({ name, topicId, partitions }) => {
    return { name, id: topicId, partitions: partitions.length }
  })
}

/** Settings made on the topics themselves; `effective`: also those that come from brokers or defaults. */
export async function topicConfigs(
  cluster: Cluster,
  topics: readonly string[],
  effective = false,
): Promise<Map<string, TopicConfig>> {
  const queries = topics.map((name) => ({ type: 'topic', name }) as const)
  const outcomes = await describeConfigs(cluster, queries, LIMITS)
  const configs = outcomes.map((outcome, index) => {
    const own = unwrap(outcome).filter(({ source, value, isReadOnly }) => {
      return value !== null && (source === 'topic' || (effective && !isReadOnly))
    })
    return [topics[index]!, Object.fromEntries(own.map(({ name, value }) => [name, value!]))] as const
  })
  return new Map(configs)
}

/** Names of all topic settings that the brokers of a cluster know, seen on one topic that is there. */
export async function settingNames(cluster: Cluster, topic: string): Promise<ReadonlySet<string>> {
  const [outcome] = await describeConfigs(cluster, [{ type: 'topic', name: topic }], LIMITS)
  return new Set(unwrap(outcome!).map(({ name }) => name))
}

/** Makes a topic. One that exists already is no error: whoever made it, the caller looks at it next. */
export async function makeTopic(cluster: Cluster, topic: NewTopic): Promise<void> {
  const [outcome] = await createTopics(cluster, [topic], LIMITS)
  if (outcome!.ok) return
  const { error } = outcome!
  const exists = error instanceof KafkaError && error.kafkaCode === ErrorCode.TOPIC_ALREADY_EXISTS
  if (!exists) throw error
}

export async function growTopic(cluster: Cluster, topic: string, count: number): Promise<void> {
  const [outcome] = await createPartitions(cluster, [{ topic, count }], LIMITS)
  unwrap(outcome!)
}

export async function alterTopicConfigs(
  cluster: Cluster,
  name: string,
  { set, unset }: { readonly set: TopicConfig; readonly unset: readonly string[] },
): Promise<void> {
  const changes = [
    ...Object.entries(set).map(([key, value]) => ({ name: key, operation: 'set', value }) as const),
    ...unset.map((key) => ({ name: key, operation: 'delete' }) as const),
  ]
  if (changes.length === 0) return
  const [outcome] = await alterConfigs(cluster, [{ type: 'topic', name, changes }], LIMITS)
  unwrap(outcome!)
}
