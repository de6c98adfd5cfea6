import { encodeRequestFrame, encodeResponseFrame } from '../src/wire/api.ts'
import { Produce } from '../src/wire/apis/000-produce.ts'
import { Fetch } from '../src/wire/apis/001-fetch.ts'
import { buildBatch } from '../src/wire/batch/build.ts'
import { iterateBatches, readBatchHeader, rewriteBatchHeader, verifyCrc } from '../src/wire/batch/header.ts'
import { openRecords, readRecords } from '../src/wire/batch/records.ts'
import { Codec, compress, decompress } from '../src/wire/compression/codec.ts'

/** One hot path of the codec: the best of several rounds, in nanoseconds. */
export type WireRow = {
  readonly what: string
  readonly operationNs: number
  /** Of one partition, record or batch of the operation. */
  readonly unitNs: number
  readonly unit: string
  readonly megabytesPerSecond: number | null
}

type Measure = (
  what: string,
  units: { readonly unit: string; readonly count: number; readonly bytes?: number },
  operation: () => void,
) => void

const ROUNDS = 5
const PARTITIONS = 500
const PARTITIONS_PER_TOPIC = 10
const FETCH_VERSIONS = [11, 17]
const PRODUCE_VERSIONS = [8, 12]
const TOPIC_ID = 'b8tRS7h4TJ2Vt43Dp85v2A'

/** Measures the hot paths of the codec, each for `measureMs` after as long a warm-up. */
export function benchWire(measureMs: number): WireRow[] {
  const rows: WireRow[] = []
  const measure: Measure = (what, { unit, count, bytes }, operation) => {
    const ns = bestRound(measureMs, operation)
    const megabytesPerSecond = bytes === undefined ? null : Math.round((bytes / ns) * 1000)
    rows.push({
      what,
      operationNs: Math.round(ns),
      unitNs: Number((ns / count).toFixed(1)),
      unit,
      megabytesPerSecond,
    })
  }
  measureFetch(measure)
  measureProduce(measure)
  measureHeaders(measure)
  measureRecords(measure)
  measureCompression(measure)
  return rows
}

/** Nanoseconds an operation takes in the best of several rounds. */
function bestRound(measureMs: number, operation: () => void): number {
  const warmUntil = performance.now() + measureMs
  let warmUps = 0
  while (performance.now() < warmUntil) {
    operation()
    warmUps++
  }
  const count = Math.max(1, Math.floor(warmUps / ROUNDS))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const from = performance.now()
    for (let i = 0; i < count; i++) operation()
    best = Math.min(best, ((performance.now() - from) * 1e6) / count)
  }
  return best
}

const partitions = { unit: 'partition', count: PARTITIONS }
const topics = Array.from({ length: PARTITIONS / PARTITIONS_PER_TOPIC }, (_, topic) => topic)
const indexes = Array.from({ length: PARTITIONS_PER_TOPIC }, (_, index) => index)

function measureFetch(measure: Measure): void {
  const records = sampleBatch(16, 1000)
  for (const version of FETCH_VERSIONS) {
    const name = (topic: number) => (version < 13 ? { topic: `orders-${topic}` } : { topicId: TOPIC_ID })
    const answers = (part: { records: Buffer | null }) =>
      topics.map((topic) => ({ ...name(topic), partitions: indexes.map((at) => fetched(at, part.records)) }))
    const full = { responses: answers({ records }) }
    const body = Buffer.concat(Fetch.response.encode(version, full))
    const idle = Buffer.concat(Fetch.response.encode(version, { responses: answers({ records: null }) }))
    const request = {
      topics: topics.map((topic) => ({
        ...name(topic),
        partitions: indexes.map((partition) => ({ partition, fetchOffset: 99, partitionMaxBytes: 1048576 })),
      })),
    }
    const what = (rest: string) => `Fetch v${version} ${rest}`
    measure(what('response decode'), partitions, () => void Fetch.response.decode(version, body))
    measure(what('response decode, all empty'), partitions, () => void Fetch.response.decode(version, idle))
    measure(what('response encode'), partitions, () => void encodeResponseFrame(Fetch, version, 1, full))
    measure(what('request encode'), partitions, () => {
      encodeRequestFrame(Fetch, version, { correlationId: 1, clientId: 'kmc' }, request)
    })
  }
}

function fetched(partitionIndex: number, records: Buffer | null) {
  const ends = { highWatermark: 123_456_789, lastStableOffset: 123_456_789, logStartOffset: 1000 }
  return { partitionIndex, ...ends, abortedTransactions: [], records }
}

function measureProduce(measure: Measure): void {
  const records = sampleBatch(16, 1000)
  const topicData = topics.map((topic) => ({
    name: `orders-${topic}`,
    partitionData: indexes.map((index) => ({ index, records })),
  }))
  const responses = topics.map((topic) => ({
    name: `orders-${topic}`,
    partitionResponses: indexes.map((index) => ({ index, baseOffset: 123_456 })),
  }))
  for (const version of PRODUCE_VERSIONS) {
    measure(`Produce v${version} request encode`, partitions, () => {
      const body = { acks: -1, timeoutMs: 30_000, topicData }
      encodeRequestFrame(Produce, version, { correlationId: 1, clientId: 'kmc' }, body)
    })
    const bytes = Buffer.concat(Produce.response.encode(version, { responses }))
    measure(`Produce v${version} response decode`, partitions, () => {
      Produce.response.decode(version, bytes)
    })
  }
}

function measureHeaders(measure: Measure): void {
  const stamp = { producerId: 4711, producerEpoch: 3, baseSequence: 0 }
  for (const sizeKiB of [1, 16, 128, 1024]) {
    const batch = sampleBatch(1, sizeKiB * 1024)
    measure(`rewriteBatchHeader, ${sizeKiB} KiB batch`, { unit: 'batch', count: 1 }, () => {
      stamp.baseSequence = (stamp.baseSequence + 1) & 0xffff
      rewriteBatchHeader(batch, stamp)
    })
    measure(`verifyCrc, ${sizeKiB} KiB batch`, { unit: 'batch', count: 1, bytes: batch.length }, () => {
      verifyCrc(batch)
    })
  }
  const batch = sampleBatch(16, 1000)
  measure('readBatchHeader', { unit: 'batch', count: 1 }, () => void readBatchHeader(batch, 0))
  const many = Buffer.concat(Array.from({ length: 100 }, () => batch))
  measure('iterateBatches, 100 batches', { unit: 'batch', count: 100 }, () => {
    for (const each of iterateBatches(many)) if (each.header.recordCount < 0) throw new Error('impossible')
  })
}

function measureRecords(measure: Measure): void {
  const batch = sampleBatch(1000, 100)
  const header = readBatchHeader(batch, 0)
  const units = { unit: 'record', count: 1000, bytes: batch.length }
  measure('readRecords, 100 B values', units, () => {
    for (const record of readRecords(batch)) if (record.offset < 0) throw new Error('impossible')
  })
  measure('openRecords (cursor), 100 B values', units, () => {
    const cursor = openRecords(batch, header)
    for (let i = 0; i < header.recordCount; i++) {
      cursor.enter()
      cursor.leave()
    }
  })
  const views = [...readRecords(batch)]
  measure('buildBatch from views, none', units, () => void buildBatch({ records: views }))
}

function measureCompression(measure: Measure): void {
  const plain = sampleBatch(1000, 100).subarray(61)
  const units = { unit: 'batch', count: 1, bytes: plain.length }
  for (const [name, codec] of Object.entries(Codec).slice(1)) {
    const packed = compress(codec, plain)
    measure(`compress ${name.toLowerCase()}`, units, () => void compress(codec, plain))
    measure(
      `decompress ${name.toLowerCase()}`,
      units,
      () => void decompress(codec, packed, { maxBytes: 1e7 }),
    )
  }
}

function sampleBatch(records: number, valueBytes: number): Buffer {
  const text = '{"order":4711,"item":"tea","price":"12.50"} '
  const value = Buffer.from(text.repeat(Math.ceil(valueBytes / text.length)).slice(0, valueBytes))
  const list = Array.from({ length: records }, (_, i) => ({
    timestamp: 1.7e12 + i,
    key: Buffer.from(`key-${i}`),
    value,
  }))
  return buildBatch({ records: list })
}
