import type { Cluster } from '../../../client/cluster.ts'
import { KafkaError } from '../../../client/errors.ts'
import { type FetchedPartition, type FetchPartition, fetchRaw } from '../../../client/fetch.ts'
import { listOffsets } from '../../../client/list-offsets.ts'
import type { CallOptions } from '../../../client/retry.ts'
import { lastOffset } from '../../../wire/batch/header.ts'
import { readRecords } from '../../../wire/batch/records.ts'
import { ErrorCode } from '../../../wire/error-codes.ts'
import type { Breather } from '../breather.ts'
import { decodeCommit, type LoggedCommit } from './decode.ts'
import { settledBatches } from './settled.ts'

const TOPIC = '__consumer_offsets'
const LANE = 'commits'
/** Commits of so long ago are looked at when reading begins: verdicts need a past. */
const BEFORE_MS = 10 * 60_000
/** … and at most so many records of each partition. */
const BEFORE_RECORDS_MAX = 2_000
const WAIT_MS = 50
const PARTITION_BYTES_MAX = 256 * 1024
const ANSWER_BYTES_MAX = 4 * 1024 * 1024
/** Fetches of one round; what is left waits for the next, which comes at once. */
const FETCHES_MAX = 20

type ReadOptions = { readonly timeoutMs: number; readonly signal: AbortSignal }

const FETCH = { maxWaitMs: WAIT_MS, maxBytes: ANSWER_BYTES_MAX, isolation: 'read_committed' } as const

/** Where reading stands, and where the past ends: what was there when reading began. */
type Place = { offset: number; readonly presentFrom: number }

type OnCommit = (commit: LoggedCommit, at: number, isPast: boolean) => void

/**
 * Follows `__consumer_offsets`, as Burrow does: only there each commit and its time can be seen. Needs READ on that
 * topic.
 */
export class CommitReader {
  readonly #onCommit: OnCommit
  readonly #next = new Map<number, Place>()
  #isStale = true

  constructor(onCommit: OnCommit) {
    this.#onCommit = onCommit
  }

  /**
   * Reads what has come since. Returns whether all was read; false: call again soon. Errors: KAFKA_ERROR
   * TOPIC_AUTHORIZATION_FAILED where it may not be read, UNKNOWN_TOPIC_OR_PARTITION while no group has ever committed.
   */
  async read(cluster: Cluster, now: number, breather: Breather, options: ReadOptions): Promise<boolean> {
    if (this.#isStale) await this.#look(cluster, now, options)
    for (let round = 0; round < FETCHES_MAX; round++) {
      const byLeader = Map.groupBy(this.#questions(cluster), ({ leader }) => leader)
      const answers = await Promise.all(
        [...byLeader].map(([node, questions]) =>
          fetchRaw(cluster, node, LANE, questions, { ...FETCH, ...options }),
        ),
      )
      let hasMore = false
      options.signal.throwIfAborted()
      for (const part of answers.flat()) hasMore = (await this.#take(part, breather)) || hasMore
      if (!hasMore) return true
    }
    return false
  }

  async #look(cluster: Cluster, now: number, options: CallOptions): Promise<void> {
    await cluster.refresh([TOPIC], options)
    const topic = cluster.metadata.topic(TOPIC)
    if (topic === undefined) throw new KafkaError(cluster.metadata.faultOf(TOPIC), `topic ${TOPIC}`)
    const fresh = topic.partitions.filter(({ partition }) => !this.#next.has(partition))
    const ask = async (at: 'end' | 'start' | { timestampMs: number }) =>
      await listOffsets(
        cluster,
        fresh.map(({ partition }) => ({ topic: TOPIC, partition, at })),
        options,
      )
    const [starts, ends, past] = await Promise.all([
      ask('start'),
      ask('end'),
      ask({ timestampMs: now - BEFORE_MS }),
    ])
    for (const [at, { partition }] of fresh.entries()) {
      const [start, end, since] = [starts[at]!, ends[at]!, past[at]!]
      if (!start.ok || !end.ok || !since.ok) continue
      const from = since.value.offset < 0 ? end.value.offset : since.value.offset
      const offset = Math.max(start.value.offset, from, end.value.offset - BEFORE_RECORDS_MAX)
      this.#next.set(partition, { offset, presentFrom: end.value.offset })
    }
    this.#isStale = this.#next.size < topic.partitions.length
  }

  #questions(cluster: Cluster): (FetchPartition & { readonly leader: number })[] {
    const topic = cluster.metadata.topic(TOPIC)
    return [...this.#next].flatMap(([partition, { offset }]) => {
      const leader = cluster.metadata.leaderOf(TOPIC, partition)
      if (leader === null || topic === undefined) {
        this.#isStale = true
        return []
      }
      const { topicId } = topic
      const at = { topic: TOPIC, topicId, partition, fetchOffset: offset }
      return [{ ...at, partitionMaxBytes: PARTITION_BYTES_MAX, leader }]
    })
  }

  /** Returns whether there is more to read. */
  async #take(part: FetchedPartition, breather: Breather): Promise<boolean> {
    const next = this.#next.get(part.partition)!
    if (part.errorCode === ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      throw new KafkaError(part.errorCode, `topic ${TOPIC}`)
    if (part.errorCode !== 0) {
      this.#isStale = true
      if (part.errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) this.#next.delete(part.partition)
      return false
    }
    const before = next.offset
    for (const { header, bytes, counts } of settledBatches(part)) {
      if (counts) this.#tell(bytes, next)
      next.offset = lastOffset(header) + 1
      await breather.rest()
    }
    return next.offset > before && next.offset < part.lastStableOffset
  }

  #tell(batch: Buffer, { offset: from, presentFrom }: Place): void {
    for (const { offset, timestamp, key, value } of readRecords(batch)) {
      if (offset < from) continue
      const commit = decodeCommit(key, value)
      if (commit !== null) this.#onCommit(commit, commit.committedAt ?? timestamp, offset < presentFrom)
    }
  }
}
