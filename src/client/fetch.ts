import type { Input } from '../wire/api.ts'
import {
  Fetch,
  type FetchRequest,
  type FetchResponse,
  type FetchResponseAbortedTransaction,
  type FetchResponsePartitionData,
} from '../wire/apis/001-fetch.ts'
import { ZERO_UUID } from '../wire/codec/schema.ts'
import { ErrorCode } from '../wire/error-codes.ts'
import type { Cluster } from './cluster.ts'
import type { Connection } from './connection.ts'
import type { Lane } from './connection-pool.ts'
import { throwOnKafkaError } from './errors.ts'
import type { FetchSession } from './fetch-session.ts'
import { type Isolation, isolationLevel } from './isolation.ts'
import { TopicGroups } from './topic-groups.ts'

/** From this version on topics go by id, not by name (KIP-516). */
const TOPIC_ID_FROM = 13
/** From this version on the leader epoch of what was read before is compared. */
const LAST_EPOCH_FROM = 12

/** The broker has forgotten the session, or has missed one of its questions. */
const LOST_SESSION: ReadonlySet<number> = new Set([
  ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
  ErrorCode.INVALID_FETCH_SESSION_EPOCH,
  ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
])

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
  /**
   * Where the order in which the broker fills its answer does not matter: what is asked again goes over the wire only
   * once. Serves one node, one question at a time.
   */
  readonly session?: FetchSession | undefined
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
 * Reads raw batches of many partitions from one broker, in a fetch session where one is given and all topics have ids.
 * Gives one entry per partition asked, in that order, with its error code inside; where the broker holds back its
 * answer for a quota, offsets are -1. Leaders that the broker names in passing (KIP-951) go into the metadata.
 * Errors: those of `Cluster.request`; INCOMPLETE_RESPONSE; KAFKA_ERROR for the request as a whole.
 */
export async function fetchRaw(
  cluster: Cluster,
  node: number,
  lane: Lane,
  partitions: readonly FetchPartition[],
  options: FetchOptions,
): Promise<FetchedPartition[]> {
  const { session, timeoutMs, signal } = options
  const connection =
    cluster.openConnection(node, lane) ?? (await cluster.connection(node, { lane, timeoutMs, signal }))
  const call = { cluster, node, connection, partitions, options }
  const isById = connection.versions.pick(Fetch) >= TOPIC_ID_FROM && partitions.every(hasId)
  return session !== undefined && isById ? fetchInSession(call, session) : fetchAll(call, isById)
}

type Call = {
  readonly cluster: Cluster
  readonly node: number
  readonly connection: Connection
  readonly partitions: readonly FetchPartition[]
  readonly options: FetchOptions
}

/** Without a session: the question names everything. */
async function fetchAll(call: Call, isById: boolean): Promise<FetchedPartition[]> {
  const { cluster, connection, partitions } = call
  const groups = new TopicGroups(partitions)
  const version = isById
    ? connection.versions.pick(Fetch)
    : connection.versions.pick(Fetch, TOPIC_ID_FROM - 1)
  const topics = groups.list.map(({ topic, topicId, items }) => ({
    topic,
    topicId,
    partitions: version < LAST_EPOCH_FROM ? items.map(withoutEpoch) : items,
  }))
  const answer = await send(call, version, { sessionId: 0, sessionEpoch: -1, topics })
  throwOnKafkaError(answer.errorCode, whatOf(call))
  if (isHeldBack(answer)) return partitions.map(unknownOf)
  const results = groups.results<FetchedPartition>('Fetch')
  for (const { topic, topicId, partitions } of answer.responses) {
    const name = isById ? groups.nameOf(topicId) : topic
    for (const part of partitions) results.put(name, part.partitionIndex, readPart(cluster, name, part))
  }
  return results.finish()
}

async function fetchInSession(call: Call, session: FetchSession): Promise<FetchedPartition[]> {
  const { cluster, partitions, connection } = call
  const version = connection.versions.pick(Fetch)
  let isDone = false
  try {
    let answer = await send(call, version, session.ask(partitions))
    if (LOST_SESSION.has(answer.errorCode)) {
      session.reset()
      answer = await send(call, version, session.ask(partitions))
    }
    throwOnKafkaError(answer.errorCode, whatOf(call))
    if (isHeldBack(answer)) return partitions.map(unknownOf)
    for (const { topicId, partitions } of answer.responses) {
      for (const part of partitions) {
        session.put(topicId, part.partitionIndex, (topic) => readPart(cluster, topic, part))
      }
    }
    const results = session.finish(answer.sessionId)
    isDone = true
    return results
  } finally {
    // Whatever the broker took in of a question that has no proper answer is not known.
    if (!isDone) session.reset()
  }
}

function send(
  { connection, options }: Call,
  version: number,
  question: Input<FetchRequest>,
): Promise<FetchResponse> {
  const { maxWaitMs, minBytes = 1, maxBytes, isolation, rackId = '', timeoutMs, signal } = options
  const body = {
    ...question,
    maxWaitMs,
    minBytes,
    maxBytes,
    isolationLevel: isolationLevel(isolation),
    rackId,
  }
  return connection.send(Fetch, body, { version, timeoutMs, signal })
}

function whatOf({ node, cluster }: Call): string {
  return `fetch from node ${node} of ${cluster.name}`
}

function hasId({ topicId }: FetchPartition): boolean {
  return topicId !== '' && topicId !== ZERO_UUID
}

/** A broker that throttles a reader answers at once with nothing, and reads its next request later (KIP-219). */
function isHeldBack({ throttleTimeMs, responses }: FetchResponse): boolean {
  return throttleTimeMs > 0 && responses.length === 0
}

function withoutEpoch({ lastFetchedEpoch: _, ...rest }: FetchPartition): FetchPartition {
  return rest
}

function readPart(cluster: Cluster, topic: string, part: FetchResponsePartitionData): FetchedPartition {
  if (part.errorCode !== 0) noteLeader(cluster, topic, part)
  return {
    topic,
    partition: part.partitionIndex,
    errorCode: part.errorCode,
    highWatermark: part.highWatermark,
    lastStableOffset: part.lastStableOffset,
    logStartOffset: part.logStartOffset,
    abortedTransactions: part.abortedTransactions ?? NO_TRANSACTIONS,
    preferredReadReplica: part.preferredReadReplica,
    diverging: part.divergingEpoch.endOffset < 0 ? null : part.divergingEpoch,
    records: part.records,
  }
}

function unknownOf({ topic, partition }: FetchPartition): FetchedPartition {
  return {
    ...{ topic, partition, errorCode: 0, highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 },
    ...{ abortedTransactions: NO_TRANSACTIONS, preferredReadReplica: -1, diverging: null, records: null },
  }
}

function noteLeader(
  cluster: Cluster,
  topic: string,
  { partitionIndex, currentLeader }: FetchResponsePartitionData,
): void {
  const { leaderId, leaderEpoch } = currentLeader
  if (leaderId >= 0) cluster.metadata.noteLeader(topic, partitionIndex, leaderId, leaderEpoch)
}
