import { setTimeout as sleep } from 'node:timers/promises'
import { fetchRaw } from '../../src/client/fetch.ts'
import { FetchSession } from '../../src/client/fetch-session.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { iterateBatches, lastOffset } from '../../src/wire/batch/header.ts'
import { readRecords } from '../../src/wire/batch/records.ts'
import { quantileOf } from '../quantile.ts'
import { type Side, topicEnds } from './arena.ts'
import { PARTITIONS } from './shapes.ts'

/** Milliseconds from just before a record is sent until a reader of the other topic has it. */
export type LatencyResult = {
  readonly samples: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export type TrickleRoute = {
  readonly from: Side
  readonly fromTopic: string
  readonly to: Side
  readonly toTopic: string
  readonly partitions?: number
}

const EVERY_MS = 10
const VALUE_BYTES = 100
/** Sent before the samples that count: both ends compile their code and open their connections. */
const WARM_UP_MS = 3_000
const LAST_WITHIN_MS = 5_000
const FETCH_BYTES = 1024 * 1024
const FETCH_WAIT_MS = 500

/** Sends one record every 10 ms, in turn to all partitions, and times the arrival of each. */
export async function measureTrickle(
  route: TrickleRoute,
  forMs: number,
  signal: AbortSignal,
): Promise<LatencyResult> {
  const arrivals = new Arrivals(route)
  await arrivals.open()
  const startedAt = performance.now()
  let sent = 0
  const answers: Promise<void>[] = []
  while (performance.now() - startedAt < WARM_UP_MS + forMs && !signal.aborted) {
    const partition = sent % (route.partitions ?? PARTITIONS)
    answers.push(sendOne(route, partition))
    sent++
    const waitMs = startedAt + sent * EVERY_MS - performance.now()
    if (waitMs > 0) await sleep(waitMs)
  }
  await Promise.all(answers)
  const latencies = await arrivals.close(sent, startedAt + WARM_UP_MS)
  signal.throwIfAborted()
  latencies.sort((a, b) => a - b)
  const quantile = (share: number) => quantileOf(latencies, share)
  return { samples: latencies.length, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs: quantile(1) }
}

/** The record holds the instant of its sending, on the clock of this process. */
async function sendOne({ from, fromTopic: topic }: TrickleRoute, partition: number): Promise<void> {
  const value = Buffer.alloc(VALUE_BYTES, '.')
  value.writeDoubleBE(performance.now(), 0)
  const batch = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] })
  const topicId = from.cluster.metadata.topic(topic)!.topicId
  const answers = await produceRaw(from.cluster, from.node, 'trickle', [{ topic, topicId, partition, batch }])
  const { errorCode } = answers[0]!
  if (errorCode !== 0) throw new Error(`${topic}-${partition} refused a record with ${errorCode}`)
}

/** Reads the far topic from its end on and notes when each record came. */
class Arrivals {
  readonly #route: TrickleRoute
  readonly #seen: { readonly sentAt: number; readonly latencyMs: number }[] = []
  #reading: Promise<void> = Promise.resolve()
  #open = true

  constructor(route: TrickleRoute) {
    this.#route = route
  }

  async open(): Promise<void> {
    const { to, toTopic, partitions } = this.#route
    const ends = await topicEnds(to, toTopic, partitions)
    if (ends === null) throw new Error(`${toTopic} is not there`)
    this.#reading = this.#read(ends)
  }

  /** Waits for the records still on their way; gives the latencies of those sent after `countFrom`. */
  async close(expected: number, countFrom: number): Promise<number[]> {
    const deadline = performance.now() + LAST_WITHIN_MS
    while (this.#seen.length < expected && performance.now() < deadline) await sleep(EVERY_MS)
    this.#open = false
    await this.#reading
    if (this.#seen.length !== expected)
      throw new Error(`${this.#route.toTopic}: ${this.#seen.length} of ${expected} records arrived`)
    return this.#seen.filter(({ sentAt }) => sentAt >= countFrom).map(({ latencyMs }) => latencyMs)
  }

  async #read(positions: number[]): Promise<void> {
    const { to, toTopic: topic } = this.#route
    const topicId = to.cluster.metadata.topic(topic)!.topicId
    // As an ordinary consumer reads: else a thousand partitions would cost this process more than the link.
    const session = new FetchSession()
    const limits = { maxWaitMs: FETCH_WAIT_MS, maxBytes: FETCH_BYTES }
    const options = { ...limits, session, isolation: 'read_committed' } as const
    while (this.#open) {
      const wanted = positions.map((fetchOffset, partition) => {
        return { topic, topicId, partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }
      })
      const answers = await fetchRaw(to.cluster, to.node, 'trickle-read', wanted, options)
      const now = performance.now()
      for (const { partition, records } of answers) {
        for (const { header, bytes } of iterateBatches(records ?? NOTHING)) {
          positions[partition] = lastOffset(header) + 1
          for (const { value } of readRecords(bytes)) this.#note(value!.readDoubleBE(0), now)
        }
      }
    }
  }

  #note(sentAt: number, now: number): void {
    this.#seen.push({ sentAt, latencyMs: now - sentAt })
  }
}

const NOTHING = Buffer.alloc(0)
