import type { Cluster } from '../../client/cluster.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { Fetch } from '../../wire/apis/001-fetch.ts'
import type { Fetched, FetchItem, Produced, ProduceItem } from '../port.ts'
import { groupByTopic, inOrder } from './by-partition.ts'

/** The first versions that name topics by id (KIP-516); before them the name is sent. */
const FETCH_BY_ID = 13
const READ_COMMITTED = 1
/** Beyond the wait that the broker was asked for, an answer must come within this time. */
const ANSWER_MS = 15_000
const PRODUCE_MS = 20_000

export type FetchLimits = {
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

/** Tells which topic is meant by a name; the id pins it, so that a topic made again is not taken for the old one. */
export type TopicIds = (topic: string) => string | null

/**
 * Raw read_committed Fetch of many partitions at one broker, without a fetch session. Records are views into the
 * answer's buffer. A code for the whole request is given to each partition.
 */
export async function fetchPartitions(
  cluster: Cluster,
  node: number,
  items: readonly FetchItem[],
  { maxWaitMs, maxBytes, signal }: FetchLimits,
  idOf: TopicIds,
): Promise<Fetched[]> {
  const topics = [...groupByTopic(items)]
  const ids = topics.map(([topic]) => idOf(topic))
  const known = ids.every((id) => id !== null)
  const body = {
    maxWaitMs,
    minBytes: 1,
    maxBytes,
    isolationLevel: READ_COMMITTED,
    sessionId: 0,
    sessionEpoch: -1,
    topics: topics.map(([topic, partitions], index) => ({
      topic,
      ...(known ? { topicId: ids[index]! } : {}),
      partitions: partitions.map(({ partition, offset, maxBytes: partitionMaxBytes }) => ({
        partition,
        fetchOffset: offset,
        partitionMaxBytes,
      })),
    })),
  }
  const timeoutMs = maxWaitMs + ANSWER_MS
  const version = known ? {} : { version: FETCH_BY_ID - 1 }
  const answer = await cluster.request(Fetch, body, { node, lane: 'fetch', timeoutMs, signal, ...version })
  if (answer.errorCode !== 0)
    return items.map((item) => ({ ...item, ...NOTHING, errorCode: answer.errorCode }))
  const names = new Map(topics.map(([topic], index) => [ids[index], topic]))
  const parts = answer.responses.flatMap(({ topic, topicId, partitions }) => {
    const name = topic !== '' ? topic : (names.get(topicId) ?? topicId)
    return partitions.map((part) => [name, part.partitionIndex, part] as const)
  })
  return inOrder('Fetch', items, parts).map((part, index) => ({
    topic: items[index]!.topic,
    partition: part.partitionIndex,
    errorCode: part.errorCode,
    logStartOffset: part.logStartOffset,
    lastStableOffset: part.lastStableOffset,
    abortedTransactions: part.abortedTransactions ?? [],
    records: part.records,
  }))
}

/** Appends one batch to each partition (acks all) at one broker. Requests of one lane arrive in order. */
export async function produceBatches(
  cluster: Cluster,
  node: number,
  lane: string,
  items: readonly ProduceItem[],
  idOf: TopicIds,
): Promise<Produced[]> {
  const topics = [...groupByTopic(items)]
  const ids = topics.map(([topic]) => idOf(topic))
  const known = ids.every((id) => id !== null)
  const body = {
    transactionalId: null,
    acks: -1,
    timeoutMs: PRODUCE_MS,
    topicData: topics.map(([name, partitions], index) => ({
      name,
      ...(known ? { topicId: ids[index]! } : {}),
      partitionData: partitions.map(({ partition, batch }) => ({ index: partition, records: batch })),
    })),
  }
  const version = known ? {} : { version: FETCH_BY_ID - 1 }
  const timeoutMs = PRODUCE_MS + ANSWER_MS
  const answer = await cluster.request(Produce, body, { node, lane, timeoutMs, ...version })
  const names = new Map(topics.map(([topic], index) => [ids[index], topic]))
  const parts = answer.responses.flatMap(({ name, topicId, partitionResponses }) => {
    const topic = name !== '' ? name : (names.get(topicId) ?? topicId)
    return partitionResponses.map((part) => [topic, part.index, part] as const)
  })
  return inOrder('Produce', items, parts).map((part, index) => ({
    topic: items[index]!.topic,
    partition: part.index,
    errorCode: part.errorCode,
    baseOffset: part.baseOffset,
    message: part.errorMessage,
  }))
}

const NOTHING = {
  logStartOffset: -1,
  lastStableOffset: -1,
  abortedTransactions: [],
  records: null,
} as const
