import {
  CreateTopics,
  type CreateTopicsResponseCreatableTopicResult,
} from '../../wire/apis/019-create-topics.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'

/**
 * A topic to make. Either counts (left out: the broker's defaults) or `assignments`: the replicas of each
 * partition.
 */
export type NewTopic = {
  readonly name: string
  readonly partitions?: number | undefined
  readonly replicationFactor?: number | undefined
  readonly assignments?: readonly (readonly number[])[] | undefined
  readonly configs?: Readonly<Record<string, string>> | undefined
}

/**
 * What was made. The counts are -1 and the configs null where the principal may not read the topic's configuration.
 */
export type CreatedTopic = {
  readonly name: string
  readonly topicId: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: ReadonlyMap<string, string | null> | null
}

export type CreateOptions = CallOptions & {
  /** Only check whether it could be done. */
  readonly validateOnly?: boolean
}

/** The broker's own default for a count (KIP-464). */
const BROKER_DEFAULT = -1

/** Creates topics; one outcome per topic, in order. */
export function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
  { validateOnly = false, ...options }: CreateOptions = {},
): Promise<Outcome<CreatedTopic>[]> {
  return atController(cluster, topics, {
    ...options,
    what: 'creating topics',
    ask: async (pending, limits, unsure) => {
      const body = { topics: pending.map(requestOf), timeoutMs: Math.round(limits.timeoutMs), validateOnly }
      const answer = await cluster.request(CreateTopics, body, { node: 'controller', ...limits })
      return matchAnswers({
        api: 'CreateTopics',
        items: pending,
        keyOf: ({ name }) => name,
        answers: answer.topics,
        keyOfAnswer: ({ name }) => name,
        read: (created, topic) => read(created, unsure.has(topic)),
      })
    },
  })
}

function requestOf({ name, partitions, replicationFactor, assignments, configs = {} }: NewTopic) {
  return {
    name,
    numPartitions: assignments === undefined ? (partitions ?? BROKER_DEFAULT) : BROKER_DEFAULT,
    replicationFactor: assignments === undefined ? (replicationFactor ?? BROKER_DEFAULT) : BROKER_DEFAULT,
    assignments: (assignments ?? []).map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
  }
}

function read(created: CreateTopicsResponseCreatableTopicResult, isUnsure: boolean): Outcome<CreatedTopic> {
  const { name, topicId, errorCode, numPartitions, replicationFactor, configs } = created
  const isOurs = isUnsure && errorCode === ErrorCode.TOPIC_ALREADY_EXISTS
  const errorMessage = isOurs
    ? 'it exists; an earlier try of this call may have made it'
    : created.errorMessage
  return outcomeOfCode({ errorCode, errorMessage }, `creating topic ${name}`, () => ({
    name,
    topicId,
    partitions: numPartitions,
    replicationFactor,
    configs: configs && new Map(configs.map((entry) => [entry.name, entry.value])),
  }))
}
