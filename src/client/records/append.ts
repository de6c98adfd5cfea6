import type { KmcError } from '../../base/error.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import type { RecordInput } from '../../wire/batch/record.ts'
import type { Cluster } from '../cluster.ts'
import { ClientError, isKafkaError, KafkaError, throwOnKafkaError } from '../errors.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import { produceRaw } from '../produce.ts'
import { initProducerId, type ProducerIdentity } from '../producer-id.ts'
import { retrying, type Try } from '../retry.ts'

/** Where a record landed. `timestamp` is the record's own. */
export type Appended = TopicPartition & { readonly offset: number; readonly timestamp: number }

type Waiting = {
  readonly record: RecordInput
  readonly bytes: number
  readonly done: PromiseWithResolvers<Appended>
}

/** Records that wait for one partition are sent together up to this size; a larger one goes alone. */
const BATCH_BYTES = 512 * 1024
/** What may wait for one partition: a slow cluster must not fill the memory. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** Partitions whose producer ids are remembered. */
const LANES_MAX = 1_000
const APPEND_TIMEOUT_MS = 20_000
const LANE = 'append'
/** Numbers of a producer end at 2^31; long before, a new count begins. */
const SEQUENCE_MAX = 2 ** 30
/** One record of a batch is to blame: the others are sent without it. */
const BLAMED = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'] as const
/** The broker has forgotten our last batch, or never knew it: a new count begins with a new id. */
const LOST_COUNT = ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'] as const

/**
 * Writes single records into partitions, each once: idempotently, so that what is repeated after a lost answer or a
 * moved leader stands in the log once. Records that come while a batch is on its way go together in the next.
 */
export class Appender {
  readonly #cluster: Cluster
  readonly #lanes = new Map<string, AppendLane>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /**
   * Errors: KAFKA_ERROR, CONNECTION_OVERLOADED, and those of `produceRaw`. After one that is retriable the record may
   * stand in the log all the same.
   */
  append(place: TopicPartition, record: RecordInput): Promise<Appended> {
    const name = partitionName(place)
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      this.#makeRoom()
      lane = new AppendLane(this.#cluster, place)
      this.#lanes.set(name, lane)
    }
    return lane.append(record)
  }

  #makeRoom(): void {
    if (this.#lanes.size < LANES_MAX) return
    for (const [name, lane] of this.#lanes) if (lane.isIdle) this.#lanes.delete(name)
  }
}

/** Under which producer id the next batch goes, and its number. */
type Count = { readonly identity: ProducerIdentity; sequence: number }

/** One batch at a time of one partition. */
class AppendLane {
  readonly #cluster: Cluster
  readonly #place: TopicPartition
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #isRunning = false
  #count: Count | null = null

  constructor(cluster: Cluster, place: TopicPartition) {
    this.#cluster = cluster
    this.#place = place
  }

  get isIdle(): boolean {
    return !this.#isRunning
  }

  async append(record: RecordInput): Promise<Appended> {
    const bytes = sizeOf(record)
    if (this.#waiting.length > 0 && this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw overloaded(this.#place)
    }
    const done = Promise.withResolvers<Appended>()
    this.#waiting.push({ record, bytes, done })
    this.#waitingBytes += bytes
    if (!this.#isRunning) void this.#run()
    return await done.promise
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) await this.#send(this.#take())
    this.#isRunning = false
  }

  #take(): Waiting[] {
    let bytes = 0
    const end = this.#waiting.findIndex((one, at) => {
      bytes += one.bytes
      return at > 0 && bytes > BATCH_BYTES
    })
    const taken = this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
    for (const one of taken) this.#waitingBytes -= one.bytes
    return taken
  }

  async #send(batch: readonly Waiting[]): Promise<void> {
    try {
      const base = await this.#write(batch.map(({ record }) => record))
      for (const [at, { record, done }] of batch.entries()) {
        done.resolve({ ...this.#place, offset: base + at, timestamp: record.timestamp })
      }
    } catch (error) {
      if (batch.length > 1 && isKafkaError(error, ...BLAMED)) {
        for (const one of batch) await this.#send([one])
      } else {
        for (const { done } of batch) done.reject(error)
      }
    }
  }

  /** The offset of the first record. */
  async #write(records: readonly RecordInput[]): Promise<number> {
    let isUnsure = false
    const attempt = async (current: Try): Promise<number> => {
      try {
        return await this.#writeOnce(records, current)
      } catch (error) {
        if (!(error instanceof KafkaError)) isUnsure = true
        if (isUnsure || !isKafkaError(error, ...LOST_COUNT)) throw error
        this.#count = null
        return await this.#writeOnce(records, current)
      }
    }
    try {
      const what = `writing to ${partitionName(this.#place)}`
      return await retrying({ what, timeoutMs: APPEND_TIMEOUT_MS }, attempt)
    } catch (error) {
      // What may land later has a number that the next batch must not have.
      if (isUnsure) this.#count = null
      throw error
    }
  }

  async #writeOnce(records: readonly RecordInput[], { number, remainingMs }: Try): Promise<number> {
    const { topic, partition } = this.#place
    const limits = { timeoutMs: remainingMs }
    const { metadata } = this.#cluster
    if (number > 0 || metadata.leaderOf(topic, partition) === null)
      await this.#cluster.refresh([topic], limits)
    const leader = metadata.leaderOf(topic, partition)
    if (leader === null) throw this.#cluster.leaderMissing(topic, partition)
    const count = await this.#counting(limits)
    const batch = buildBatch({ records, ...count.identity, baseSequence: count.sequence })
    const { topicId } = metadata.topic(topic)!
    const [answer] = await produceRaw(
      this.#cluster,
      leader,
      LANE,
      [{ topic, topicId, partition, batch }],
      limits,
    )
    const { errorCode, message, baseOffset } = answer!
    throwOnKafkaError(errorCode, `writing to ${partitionName(this.#place)}`, message)
    count.sequence += records.length
    return baseOffset
  }

  async #counting(limits: { readonly timeoutMs: number }): Promise<Count> {
    if (this.#count !== null && this.#count.sequence < SEQUENCE_MAX) return this.#count
    this.#count = { identity: await initProducerId(this.#cluster, limits), sequence: 0 }
    return this.#count
  }
}

/** About what a record takes in a batch. */
function sizeOf({ key, value, headers = [] }: RecordInput): number {
  const inHeaders = headers.reduce((sum, header) => sum + header.key.length + (header.value?.length ?? 0), 0)
  return (key?.length ?? 0) + (value?.length ?? 0) + inHeaders + 32
}

function overloaded(place: TopicPartition): KmcError {
  return new ClientError('CONNECTION_OVERLOADED', `Too much waits to be written to ${partitionName(place)}.`)
}
