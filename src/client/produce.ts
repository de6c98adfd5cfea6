import { Produce, type ProduceResponse } from '../wire/apis/000-produce.ts'
import type { Cluster } from './cluster.ts'
import type { Connection } from './connection.ts'
import type { Lane } from './connection-pool.ts'
import { TopicGroups } from './topic-groups.ts'

/** From this version on topics go by id, not by name (KIP-516). */
const TOPIC_ID_FROM = 13
/** Wait until every in-sync replica has the batch. */
const ACKS_ALL = -1
/** The broker gives its own wait up this share earlier than we do, so that it can still say so. */
const BROKER_SHARE = 0.9

/** One batch, ready as it is to be appended; a partition takes one per request. */
export type ProduceBatch = {
  readonly topic: string
  /** Kafka's 22-character id; '' or zeros when it is not known: the request then goes by name. */
  readonly topicId: string
  readonly partition: number
  /** Written to the socket by reference: leave it unchanged until the answer has come. */
  readonly batch: Buffer
}

export type ProduceOptions = { readonly timeoutMs?: number; readonly signal?: AbortSignal | undefined }

export type ProducedPartition = {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  /** Where the first record landed; -1 with an error. */
  readonly baseOffset: number
  readonly logStartOffset: number
  /** The broker's words, when it has any. */
  readonly message: string | null
}

/**
 * Appends ready batches to partitions that `node` leads, acknowledged by all in-sync replicas. Gives one entry per
 * batch, in that order, with its error code inside. Sent once: the outcome of a request whose answer was lost is
 * for the caller to read back. Errors: those of `Cluster.request`; INCOMPLETE_RESPONSE; INVALID_ARGUMENT for two
 * batches of one partition.
 */
export async function produceRaw(
  cluster: Cluster,
  node: number,
  lane: Lane,
  batches: readonly ProduceBatch[],
  options: ProduceOptions = {},
): Promise<ProducedPartition[]> {
  const { timeoutMs, signal } = cluster.limitsOf(options)
  const connection =
    cluster.openConnection(node, lane) ?? (await cluster.connection(node, { lane, timeoutMs, signal }))
  const groups = new TopicGroups(batches)
  groups.assertDistinct('Produce')
  const version = pickVersion(connection, groups)
  const topicData = groups.list.map(({ topic: name, topicId, items }) => ({
    name,
    topicId,
    partitionData: items.map(({ partition: index, batch: records }) => ({ index, records })),
  }))
  const answer = await connection.send(
    Produce,
    { transactionalId: null, acks: ACKS_ALL, timeoutMs: Math.round(timeoutMs * BROKER_SHARE), topicData },
    { version, timeoutMs, signal },
  )
  return readAnswer(cluster, groups, answer, version >= TOPIC_ID_FROM)
}

function pickVersion(connection: Connection, groups: TopicGroups<ProduceBatch>): number {
  const version = connection.versions.pick(Produce)
  return version < TOPIC_ID_FROM || groups.haveIds
    ? version
    : connection.versions.pick(Produce, TOPIC_ID_FROM - 1)
}

function readAnswer(
  cluster: Cluster,
  groups: TopicGroups<ProduceBatch>,
  answer: ProduceResponse,
  byId: boolean,
): ProducedPartition[] {
  const results = groups.results<ProducedPartition>('Produce')
  for (const { name, topicId, partitionResponses } of answer.responses) {
    const topic = byId ? groups.nameOf(topicId) : name
    for (const part of partitionResponses) {
      const { index: partition, errorCode, baseOffset, logStartOffset, currentLeader } = part
      const { leaderId, leaderEpoch } = currentLeader
      if (leaderId >= 0) cluster.metadata.noteLeader(topic, partition, leaderId, leaderEpoch)
      const message = messageOf(part)
      results.put(topic, partition, { topic, partition, errorCode, baseOffset, logStartOffset, message })
    }
  }
  return results.finish()
}

type Explanation = {
  readonly errorMessage: string | null
  readonly recordErrors: readonly { readonly batchIndexErrorMessage: string | null }[]
}

function messageOf({ errorMessage, recordErrors }: Explanation): string | null {
  return (
    errorMessage ??
    recordErrors.find(({ batchIndexErrorMessage }) => batchIndexErrorMessage !== null)
      ?.batchIndexErrorMessage ??
    null
  )
}
