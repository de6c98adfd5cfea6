import { KmcError } from '../../base/error.ts'
import type { Cluster } from '../../client/cluster.ts'
import { CreateTopics } from '../../wire/apis/019-create-topics.ts'
import { DescribeConfigs } from '../../wire/apis/032-describe-configs.ts'
import { CreatePartitions } from '../../wire/apis/037-create-partitions.ts'
import { IncrementalAlterConfigs } from '../../wire/apis/044-incremental-alter-configs.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { type LinkErrorCode, linkError } from '../errors.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { TopicInfo } from '../mirrors/port.ts'

const TIMEOUT_MS = 20_000
const TOPIC = 2
const SET = 0
const DELETE = 1
/** ConfigEntry.ConfigSource DYNAMIC_TOPIC_CONFIG: set on the topic itself. */
const SET_ON_TOPIC = 1

/** All topics of a cluster, fresh. */
export async function listTopics(cluster: Cluster): Promise<TopicInfo[]> {
  await cluster.refresh('all')
  return cluster.metadata.topics.map(({ name, topicId, partitions }) => ({
    name,
    id: topicId,
    partitions: partitions.length,
  }))
}

/** Settings made on the topics themselves. */
export async function topicConfigs(
  cluster: Cluster,
  topics: readonly string[],
): Promise<Map<string, TopicConfig>> {
  if (topics.length === 0) return new Map()
  const resources = topics.map((resourceName) => ({
    resourceType: TOPIC,
    resourceName,
    configurationKeys: null,
  }))
  const answer = await cluster.request(DescribeConfigs, { resources }, { node: 'any', timeoutMs: TIMEOUT_MS })
  const configs = new Map<string, TopicConfig>()
  for (const { errorCode, errorMessage, resourceName, configs: entries } of answer.results) {
    accept(errorCode, errorMessage, `settings of topic ${resourceName} on ${cluster.name}`)
    const own = entries.filter(({ configSource, value }) => configSource === SET_ON_TOPIC && value !== null)
    configs.set(resourceName, Object.fromEntries(own.map(({ name, value }) => [name, value!])))
  }
  return configs
}

export type NewTopic = {
  readonly name: string
  readonly partitions: number
  readonly configs: TopicConfig
  /** -1: the cluster's default. */
  readonly replicationFactor: number
}

/** Makes a topic. One that exists already is no error: whoever made it, the caller looks at it next. */
export async function createTopic(cluster: Cluster, topic: NewTopic): Promise<void> {
  const { name, partitions: numPartitions, replicationFactor } = topic
  const configs = Object.entries(topic.configs).map(([key, value]) => ({ name: key, value }))
  const topics = [{ name, numPartitions, replicationFactor, configs, assignments: [] }]
  const route = { node: 'controller', timeoutMs: TIMEOUT_MS } as const
  const answer = await cluster.request(CreateTopics, { topics, timeoutMs: TIMEOUT_MS }, route)
  const { errorCode, errorMessage } = answer.topics[0]!
  if (errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) return
  accept(errorCode, errorMessage, `making topic ${name} on ${cluster.name}`)
}

export async function addPartitions(cluster: Cluster, name: string, count: number): Promise<void> {
  const route = { node: 'controller', timeoutMs: TIMEOUT_MS } as const
  const body = { topics: [{ name, count, assignments: null }], timeoutMs: TIMEOUT_MS }
  const answer = await cluster.request(CreatePartitions, body, route)
  const { errorCode, errorMessage } = answer.results[0]!
  accept(errorCode, errorMessage, `adding partitions to ${name} on ${cluster.name}`)
}

export async function alterTopicConfigs(
  cluster: Cluster,
  resourceName: string,
  change: { readonly set: TopicConfig; readonly unset: readonly string[] },
): Promise<void> {
  const set = Object.entries(change.set).map(([name, value]) => ({ name, value, configOperation: SET }))
  const unset = change.unset.map((name) => ({ name, value: null, configOperation: DELETE }))
  const configs = [...set, ...unset]
  if (configs.length === 0) return
  const body = { resources: [{ resourceType: TOPIC, resourceName, configs }] }
  const answer = await cluster.request(IncrementalAlterConfigs, body, { node: 'any', timeoutMs: TIMEOUT_MS })
  const { errorCode, errorMessage } = answer.responses[0]!
  accept(errorCode, errorMessage, `changing settings of ${resourceName} on ${cluster.name}`)
}

function accept(errorCode: number, message: string | null, what: string): void {
  if (errorCode === ErrorCode.NONE) return
  const { name, retriable } = errorOf(errorCode)
  const code: LinkErrorCode = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED'
  throw linkError(code, `${what}: ${name}${message === null ? '' : ` (${message})`}`, {
    retriable,
    context: { error: name },
  })
}

/** Whether an error says that a broker refused with this code. */
export function isRefusal(error: unknown, name: string): boolean {
  return error instanceof KmcError && error.context.error === name
}
