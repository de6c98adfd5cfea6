import {
  Fetch,
  type FetchResponse,
  type FetchResponseAbortedTransaction,
  type FetchResponsePartitionData,
} from '../wire/apis/001-fetch.ts'
import type { Cluster } from './cluster.ts'
import type { Connection } from './connection.ts'
import type { Lane } from './connection-pool.ts'
import { throwOnKafkaError } from './errors.ts'
import { type Isolation, isolationLevel } from './isolation.ts'
import { TopicGroups } from './topic-groups.ts'

/** From this version on topics go by id, not by name (KIP-516). */
const TOPIC_ID_FROM = 13
/** From this version on the leader epoch of what was read before is compared. */
const LAST_EPOCH_FROM = 12

/** What to read. The objects go to the encoder as they are: fields that bear names of Kafka's schema are sent. */
export type FetchPartition = {
  readonly topic: string
  /** Kafka's 22-character id; '' or zeros when it is not known: the request then goes by name. */
  readonly topicId: string
  readonly partition: number
  readonly fetchOffset: number
  readonly partitionMaxBytes: number
  /** -1 or left out: not checked by the broker. */
  readonly currentLeaderEpoch?: number
  /** Of the batch before `fetchOffset`: the broker then tells where its log has gone another way (KIP-595). */
  readonly lastFetchedEpoch?: number
}

export type FetchOptions = {
  /** How long the broker may wait for `minBytes`. */
  readonly maxWaitMs: number
  readonly minBytes?: number
  /** Of the whole answer; the first batch comes whole even when it is larger. */
  readonly maxBytes: number
  readonly isolation: Isolation
  readonly rackId?: string
  /** Of the request; must be well above `maxWaitMs`. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * One partition's part of the answer; `records` is a view into the received frame and may end in an incomplete
 * batch.
 */
export type FetchedPartition = {
  readonly topic: string
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly abortedTransactions: readonly FetchResponseAbortedTransaction[]
  readonly preferredReadReplica: number
  /** Where the log of the epoch that was fetched last ends here, when that is not where the reader stands. */
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | null
  readonly records: Buffer | null
}

const NO_TRANSACTIONS: readonly FetchResponseAbortedTransaction[] = []

/**
 * Reads raw batches of many partitions from one broker, without a fetch session. Gives one entry per partition
 * asked, in that order, with its error code inside. Leaders that the broker names in passing (KIP-951) go into the
 * metadata. Errors: those of `Cluster.request`; INCOMPLETE_RESPONSE; KAFKA_ERROR for the request as a whole.
 */
export async function fetchRaw(
  cluster: Cluster,
  node: number,
  lane: Lane,
  partitions: readonly FetchPartition[],
  options: FetchOptions,
): Promise<FetchedPartition[]> {
  const { timeoutMs, signal } = options
  const connection = await cluster.connection(node, { lane, timeoutMs, signal })
  const groups = new TopicGroups(partitions)
  const version = pickVersion(connection, groups)
  const topics = groups.list.map(({ topic, topicId, items }) => ({
    topic,
    topicId,
    partitions: version < LAST_EPOCH_FROM ? items.map(withoutEpoch) : items,
  }))
  const answer = await connection.send(
    Fetch,
    {
      maxWaitMs: options.maxWaitMs,
      minBytes: options.minBytes ?? 1,
      maxBytes: options.maxBytes,
      isolationLevel: isolationLevel(options.isolation),
      rackId: options.rackId ?? '',
      sessionId: 0,
      sessionEpoch: -1,
      topics,
    },
    { version, timeoutMs, signal },
  )
  throwOnKafkaError(answer.errorCode, `fetch from node ${node} of ${cluster.name}`)
  return readAnswer(cluster, groups, answer, version >= TOPIC_ID_FROM)
}

function withoutEpoch({ lastFetchedEpoch: _, ...rest }: FetchPartition): FetchPartition {
  return rest
}

function pickVersion(connection: Connection, groups: TopicGroups<FetchPartition>): number {
  const version = connection.versions.pick(Fetch)
  return version < TOPIC_ID_FROM || groups.haveIds
    ? version
    : connection.versions.pick(Fetch, TOPIC_ID_FROM - 1)
}

function readAnswer(
  cluster: Cluster,
  groups: TopicGroups<FetchPartition>,
  answer: FetchResponse,
  byId: boolean,
): FetchedPartition[] {
  const results = groups.results<FetchedPartition>('Fetch')
  for (const { topic, topicId, partitions } of answer.responses) {
    const name = byId ? groups.nameOf(topicId) : topic
    for (const part of partitions) {
      if (part.errorCode !== 0) noteLeader(cluster, name, part)
      results.put(name, part.partitionIndex, {
        topic: name,
        partition: part.partitionIndex,
        errorCode: part.errorCode,
        highWatermark: part.highWatermark,
        lastStableOffset: part.lastStableOffset,
        logStartOffset: part.logStartOffset,
        abortedTransactions: part.abortedTransactions ?? NO_TRANSACTIONS,
        preferredReadReplica: part.preferredReadReplica,
        diverging: part.divergingEpoch.endOffset < 0 ? null : part.divergingEpoch,
        records: part.records,
      })
    }
  }
  return results.finish()
}

function noteLeader(
  cluster: Cluster,
  topic: string,
  { partitionIndex, currentLeader }: FetchResponsePartitionData,
): void {
  const { leaderId, leaderEpoch } = currentLeader
  if (leaderId >= 0) cluster.metadata.noteLeader(topic, partitionIndex, leaderId, leaderEpoch)
}
