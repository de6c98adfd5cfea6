import { encodeRequestFrame, encodeResponseFrame } from '../src/wire/api.ts'
import { Produce } from '../src/wire/apis/000-produce.ts'
import { Fetch } from '../src/wire/apis/001-fetch.ts'
import { buildBatch } from '../src/wire/batch/build.ts'
import { iterateBatches, readBatchHeader, rewriteBatchHeader, verifyCrc } from '../src/wire/batch/header.ts'
import { openRecords, readRecords } from '../src/wire/batch/records.ts'
import { Codec, compress, decompress } from '../src/wire/compression/codec.ts'

// Hot paths of the codec, in nanoseconds per operation: node bench/wire.ts [milliseconds per measurement]
const MEASURE_MS = Number(process.argv[2] ?? 300)
const PARTITIONS = 500
const FETCH_VERSIONS = [11, 17]
const PRODUCE_VERSIONS = [8, 12]

type Row = { what: string; 'ns/op': number; 'ns/unit': number; unit: string; 'MB/s'?: number }

const rows: Row[] = []

/** Runs `operation` until the time is up, several rounds, and keeps the best round. */
function measure(what: string, unit: string, units: number, operation: () => void, bytes?: number): void {
  const warmUntil = performance.now() + MEASURE_MS
  let perRound = 0
  while (performance.now() < warmUntil) {
    operation()
    perRound++
  }
  const count = Math.max(1, Math.floor(perRound / 5))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const from = performance.now()
    for (let i = 0; i < count; i++) operation()
    best = Math.min(best, ((performance.now() - from) * 1e6) / count)
  }
  const row: Row = { what, 'ns/op': Math.round(best), 'ns/unit': Number((best / units).toFixed(1)), unit }
  rows.push(bytes === undefined ? row : { ...row, 'MB/s': Math.round((bytes / best) * 1000) })
}

function sampleBatch(codec: number, records: number, valueBytes: number): Buffer {
  const value = Buffer.from(
    '{"order":4711,"item":"tea","price":"12.50"} '.repeat(Math.ceil(valueBytes / 44)).slice(0, valueBytes),
  )
  const list = Array.from({ length: records }, (_, i) => ({
    timestamp: 1.7e12 + i,
    key: Buffer.from(`key-${i}`),
    value,
  }))
  return buildBatch({ records: list, codec })
}

const batch = sampleBatch(Codec.NONE, 16, 1000)
const topics = Array.from({ length: PARTITIONS / 10 }, (_, topic) => topic)

for (const version of FETCH_VERSIONS) {
  const partitions = Array.from({ length: 10 }, (_, partitionIndex) => ({
    partitionIndex,
    highWatermark: 123_456_789,
    lastStableOffset: 123_456_789,
    logStartOffset: 1000,
    abortedTransactions: [],
    records: batch,
  }))
  const responses = topics.map((topic) => ({
    ...(version < 13 ? { topic: `orders-${topic}` } : { topicId: 'b8tRS7h4TJ2Vt43Dp85v2A' }),
    partitions,
  }))
  const frame = Buffer.concat(encodeResponseFrame(Fetch, version, 1, { responses })).subarray(4)
  const body = frame.subarray(version >= 12 ? 5 : 4)
  measure(`Fetch v${version} response decode, ${PARTITIONS} partitions`, 'partition', PARTITIONS, () => {
    Fetch.response.decode(version, body)
  })
  const idle = responses.map((topic) => ({
    ...topic,
    partitions: partitions.map((p) => ({ ...p, records: null })),
  }))
  const idleBody = Buffer.concat(Fetch.response.encode(version, { responses: idle }))
  measure(`Fetch v${version} response decode, all empty`, 'partition', PARTITIONS, () => {
    Fetch.response.decode(version, idleBody)
  })
  measure(`Fetch v${version} response encode`, 'partition', PARTITIONS, () => {
    encodeResponseFrame(Fetch, version, 1, { responses })
  })
  const request = {
    topics: topics.map((topic) => ({
      ...(version < 13 ? { topic: `orders-${topic}` } : { topicId: 'b8tRS7h4TJ2Vt43Dp85v2A' }),
      partitions: partitions.map((p) => ({
        partition: p.partitionIndex,
        fetchOffset: 99,
        partitionMaxBytes: 1048576,
      })),
    })),
  }
  measure(`Fetch v${version} request encode`, 'partition', PARTITIONS, () => {
    encodeRequestFrame(Fetch, version, { correlationId: 1, clientId: 'kmc' }, request)
  })
}

for (const version of PRODUCE_VERSIONS) {
  const body = {
    acks: -1,
    timeoutMs: 30_000,
    topicData: topics.map((topic) => ({
      name: `orders-${topic}`,
      partitionData: Array.from({ length: 10 }, (_, index) => ({ index, records: batch })),
    })),
  }
  measure(`Produce v${version} request encode`, 'partition', PARTITIONS, () => {
    encodeRequestFrame(Produce, version, { correlationId: 1, clientId: 'kmc' }, body)
  })
  const response = {
    responses: topics.map((topic) => ({
      name: `orders-${topic}`,
      partitionResponses: Array.from({ length: 10 }, (_, index) => ({ index, baseOffset: 123456 })),
    })),
  }
  const bytes = Buffer.concat(Produce.response.encode(version, response))
  measure(`Produce v${version} response decode`, 'partition', PARTITIONS, () => {
    Produce.response.decode(version, bytes)
  })
}

const stamp = { producerId: 4711, producerEpoch: 3, baseSequence: 0 }
for (const sizeKiB of [1, 16, 128, 1024]) {
  const sized = sampleBatch(Codec.NONE, 1, sizeKiB * 1024)
  measure(`rewriteBatchHeader, ${sizeKiB} KiB batch`, 'batch', 1, () => {
    stamp.baseSequence = (stamp.baseSequence + 1) & 0xffff
    rewriteBatchHeader(sized, stamp)
  })
  measure(`verifyCrc, ${sizeKiB} KiB batch`, 'batch', 1, () => void verifyCrc(sized), sized.length)
}
measure('readBatchHeader', 'batch', 1, () => void readBatchHeader(batch, 0))
const many = Buffer.concat(Array.from({ length: 100 }, () => batch))
measure('iterateBatches, 100 batches', 'batch', 100, () => {
  for (const each of iterateBatches(many)) if (each.header.recordCount < 0) throw new Error('impossible')
})

const big = sampleBatch(Codec.NONE, 1000, 100)
const bigHeader = readBatchHeader(big, 0)
measure(
  'readRecords, 100 B values',
  'record',
  1000,
  () => {
    for (const record of readRecords(big)) if (record.offset < 0) throw new Error('impossible')
  },
  big.length,
)
measure(
  'openRecords (cursor), 100 B values',
  'record',
  1000,
  () => {
    const cursor = openRecords(big, bigHeader)
    for (let i = 0; i < bigHeader.recordCount; i++) {
      cursor.enter()
      cursor.leave()
    }
  },
  big.length,
)
const views = [...readRecords(big)]
measure('buildBatch from views, none', 'record', 1000, () => void buildBatch({ records: views }), big.length)
const plain = big.subarray(61)
for (const [name, codec] of Object.entries(Codec).slice(1)) {
  const packed = compress(codec, plain)
  measure(`compress ${name.toLowerCase()}`, 'batch', 1, () => void compress(codec, plain), plain.length)
  measure(
    `decompress ${name.toLowerCase()}`,
    'batch',
    1,
    () => void decompress(codec, packed, { maxBytes: 1e7 }),
    plain.length,
  )
}
console.table(rows)
