import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordHeader } from '../../wire/batch/record.ts'
import { errorOf } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import { KafkaError } from '../errors.ts'
import { type FetchedPartition, fetchRaw } from '../fetch.ts'
import type { Isolation } from '../isolation.ts'
import type { Range } from './ranges.ts'
import { visibleRecords } from './visible.ts'

/** A record as it was read, with where it stands. */
export type ConsumedRecord = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

const FETCH_BYTES = 8 * 1024 * 1024
const PARTITION_BYTES = 1024 * 1024
const WAIT_MS = 500
const RETRY_MS = 300

export type ReadPlan = {
  readonly topic: string
  readonly ranges: readonly Range[]
  readonly isolation: Isolation
  /** Stop where the log ended when reading began; else wait for more. */
  readonly untilEnd: boolean
  readonly signal: AbortSignal
}

type Reader = { readonly partition: number; position: number; readonly end: number }

/** What one answer brought of one partition; `next` is where reading goes on, beyond records nobody sees. */
export type Chunk = {
  readonly partition: number
  readonly records: readonly ConsumedRecord[]
  readonly next: number
}

/**
 * Records of a topic as they come, in order within a partition. Ends by itself only with `untilEnd`; an abort of the
 * signal ends it without an error. Errors: those of the client; a retriable one is tried again.
 */
export async function* readTopic(cluster: Cluster, plan: ReadPlan): AsyncGenerator<Chunk> {
  const readers: Reader[] = plan.ranges.map(({ partition, position, end }) => ({ partition, position, end }))
  for (;;) {
    const open = readers.filter(({ position, end }) => !plan.untilEnd || position < end)
    if (open.length === 0 || plan.signal.aborted) return
    const rounds = byLeader(cluster, plan.topic, open).map(([node, part]) =>
      fetchOne(cluster, node, part, plan),
    )
    let isBehind = false
    for (const answers of await Promise.all(rounds)) {
      for (const answer of answers) {
        if (plan.signal.aborted) return
        if (answer.errorCode !== 0) {
          assertRetriable(answer)
          isBehind = true
          continue
        }
        const chunk = take(answer, open.find(({ partition }) => partition === answer.partition)!, plan)
        if (chunk !== null) yield chunk
      }
    }
    if (isBehind || rounds.length === 0) await renew(cluster, plan)
  }
}

function byLeader(cluster: Cluster, topic: string, readers: readonly Reader[]): [number, Reader[]][] {
  const nodes = new Map<number, Reader[]>()
  for (const reader of readers) {
    const leader = cluster.metadata.leaderOf(topic, reader.partition)
    if (leader !== null) nodes.set(leader, [...(nodes.get(leader) ?? []), reader])
  }
  return [...nodes]
}

/** One Fetch to one broker; a broker that went away is an answer without records, looked for again. */
async function fetchOne(
  cluster: Cluster,
  node: number,
  readers: readonly Reader[],
  { topic, isolation, signal }: ReadPlan,
): Promise<FetchedPartition[]> {
  const topicId = cluster.metadata.topic(topic)?.topicId ?? ''
  const partitions = readers.map(({ partition, position }) => ({
    topic,
    topicId,
    partition,
    fetchOffset: position,
    partitionMaxBytes: PARTITION_BYTES,
  }))
  const options = { maxWaitMs: WAIT_MS, maxBytes: FETCH_BYTES, isolation, signal }
  try {
    return await fetchRaw(cluster, node, 'consume', partitions, options)
  } catch (error) {
    if (signal.aborted) return []
    if (!(error instanceof Error && 'retriable' in error && error.retriable === true)) throw error
    await renew(cluster, { topic, signal })
    return []
  }
}

function assertRetriable({ topic, partition, errorCode, logStartOffset }: FetchedPartition): void {
  if (errorOf(errorCode).retriable) return
  throw new KafkaError(errorCode, `read of ${topic}-${partition}`, null, { logStartOffset })
}

async function renew(cluster: Cluster, { topic, signal }: Pick<ReadPlan, 'topic' | 'signal'>): Promise<void> {
  try {
    await sleep(RETRY_MS, undefined, { signal })
    await cluster.refresh([topic], { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** Moves the reader on; null where the answer brought nothing new. */
function take(answer: FetchedPartition, reader: Reader, plan: ReadPlan): Chunk | null {
  const to = plan.untilEnd ? reader.end : Number.MAX_SAFE_INTEGER
  const { records, next } = visibleRecords(answer, reader.position, to)
  if (next === reader.position) return null
  reader.position = next
  const { topic, partition } = answer
  const shown = records.map(({ offset, timestamp, key, value, headers }) => {
    return { topic, partition, offset, timestamp, key, value, headers }
  })
  return { partition, records: shown, next }
}
