import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeResponseFrame, encodeRequestFrame, encodeResponseFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'
import { CHECKED_AFTER_SWAP_MS, UNCERTAIN_MAX } from '../limits.ts'
import { answerWithDelivered, withoutDelivered } from '../session/produce-again.ts'
import { Deliveries } from './deliveries.ts'

const PARTITION = 2
let now = 0
const newDeliveries = () => new Deliveries(() => now)

function batch(baseSequence: number, producerEpoch = 0, producerId = 9): ScannedPartition {
  const records = [1, 2].map((at) => ({
    timestamp: at,
    key: null,
    value: Buffer.from(`${baseSequence}`),
    headers: [],
  }))
  const bytes = buildBatch({ records, codec: 0, producerId, producerEpoch, baseSequence })
  return { topic: 'orders', partition: PARTITION, batchHead: bytes.subarray(0, 61), acks: -1 }
}

function answer(baseOffset: number, errorCode = 0, logAppendTimeMs = -1) {
  const partitionResponses = [{ index: PARTITION, baseOffset, errorCode, logAppendTimeMs }]
  const body = { responses: [{ name: 'orders', partitionResponses }] }
  const frame = Buffer.concat(encodeResponseFrame(Produce, 9, 1, body))
  return decodeResponseFrame(Produce, 9, frame.subarray(4)).body
}

test('on another cluster the first batch of a producer has to be the next one', () => {
  const deliveries = newDeliveries()
  deliveries.answered([batch(4)], answer(100), 0)
  assert.deepEqual(
    deliveries.judge(batch(8), 0),
    { kind: 'new' },
    'the cluster that knows it checks by itself',
  )
  assert.deepEqual(deliveries.judge(batch(8), 1), { kind: 'early' })
  assert.deepEqual(deliveries.judge(batch(6), 1), { kind: 'new' })
  deliveries.sent(batch(6), 1)
  assert.deepEqual(deliveries.judge(batch(8), 1), { kind: 'new' })
  assert.deepEqual(deliveries.judge(batch(0, 1), 1), { kind: 'new' }, 'a new epoch begins at 0')
  assert.deepEqual(newDeliveries().judge(batch(8), 1), { kind: 'new' }, 'nothing is known of it')
})

test('a refused batch leaves the sequence where it was', () => {
  const deliveries = newDeliveries()
  deliveries.answered([batch(0)], answer(100), 0)
  deliveries.answered([batch(2)], answer(-1, 6), 0)
  assert.deepEqual(deliveries.judge(batch(2), 1), { kind: 'new' })
})

test('what was on its way is looked for behind what was told, and is not written again once found', () => {
  const deliveries = newDeliveries()
  deliveries.answered([batch(0)], answer(100), 0)
  deliveries.lost(deliveries.passed([batch(2), batch(4)]))
  const { from, batches } = deliveries.toLookFor().get(`orders-${PARTITION}`)!
  assert.deepEqual([from, batches.length], [102, 2])
  batches[0]!.offset = 102
  assert.deepEqual(deliveries.judge(batch(2), 1), { kind: 'delivered', offset: 102 })
  deliveries.told(batch(2), 102, 1)
  assert.deepEqual(deliveries.judge(batch(4), 1), { kind: 'new' })
})

test('a search begins behind what was told when the batch left, not behind what came after it', () => {
  const deliveries = newDeliveries()
  deliveries.answered([batch(0)], answer(100), 0)
  const sent = deliveries.passed([batch(2)])
  deliveries.answered([batch(0, 0, 10)], answer(110), 0)
  deliveries.lost(sent)
  assert.equal(deliveries.toLookFor().get(`orders-${PARTITION}`)!.from, 102)
  deliveries.beginAnew()
  assert.equal(deliveries.passed([batch(4)])[0]!.from, 0, 'another cluster may go on at lower offsets')
})

test('where the broker gives records their times, nothing will be as it was sent', () => {
  for (const [time, isStamped] of [
    [-1, false],
    [1_700_000_000_000, true],
  ] as const) {
    const deliveries = newDeliveries()
    deliveries.answered([batch(0)], answer(100, 0, time), 0)
    deliveries.lost(deliveries.passed([batch(2)]))
    assert.equal(deliveries.toLookFor().get(`orders-${PARTITION}`)!.isStamped, isStamped)
  }
})

test('of what was on its way the newest is remembered, for as long as producers try', () => {
  const deliveries = newDeliveries()
  for (let at = 0; at <= UNCERTAIN_MAX; at++) deliveries.lost(deliveries.passed([batch(2 * at)]))
  const { batches } = deliveries.toLookFor().get(`orders-${PARTITION}`)!
  const heads = new Set(batches.map(({ batchHead }) => batchHead.toString('hex')))
  assert.equal(batches.length, UNCERTAIN_MAX)
  assert.ok(heads.has(batch(2 * UNCERTAIN_MAX).batchHead.toString('hex')))
  assert.ok(!heads.has(batch(0).batchHead.toString('hex')))
  now += CHECKED_AFTER_SWAP_MS + 1
  assert.equal(deliveries.hasUncertain, false)
})

test('a producer that wrote through another gateway meanwhile is held up once', () => {
  const deliveries = newDeliveries()
  deliveries.answered([batch(0)], answer(100), 0)
  for (const sequence of [5_000, 5_002]) {
    assert.equal(deliveries.judge(batch(sequence), 1).kind, 'early')
    deliveries.refused(batch(sequence))
  }
  assert.equal(deliveries.judge(batch(5_002), 1).kind, 'early', 'it was not the first')
  assert.equal(deliveries.judge(batch(5_000), 1).kind, 'new')
  deliveries.sent(batch(5_000), 1)
  assert.equal(deliveries.judge(batch(5_002), 1).kind, 'new')
})

test('producers without an identity are looked after likewise, by their bytes', () => {
  const deliveries = newDeliveries()
  deliveries.lost(deliveries.passed([batch(-1, -1, -1)]))
  deliveries.toLookFor().get(`orders-${PARTITION}`)!.batches[0]!.offset = 7
  assert.deepEqual(deliveries.judge(batch(-1, -1, -1), 1), { kind: 'delivered', offset: 7 })
})

test('a request goes on without what is there already, and its answer tells of both', () => {
  const there = { batch: batch(2), offset: 55 }
  const records = Buffer.alloc(10)
  const topicData = [{ name: 'orders', partitionData: [PARTITION, 3].map((index) => ({ index, records })) }]
  const frame = Buffer.concat(
    encodeRequestFrame(Produce, 9, { correlationId: 8, clientId: 'c' }, { acks: -1, topicData }),
  )
  const rest = withoutDelivered(frame, [there])
  const left = Produce.request.decode(9, rest.subarray(4 + 8 + 3 + 1)).topicData
  assert.deepEqual(
    left.map(({ partitionData }) => partitionData.map(({ index }) => index)),
    [[3]],
  )
  const other = { responses: [{ name: 'orders', partitionResponses: [{ index: 3, baseOffset: 70 }] }] }
  const broker = Buffer.concat(encodeResponseFrame(Produce, 9, 8, other))
  for (const [from, expected] of [
    [broker, [3, PARTITION]],
    [null, [PARTITION]],
  ] as const) {
    const out = Buffer.concat(answerWithDelivered(from, 9, 8, [there])).subarray(4)
    const { correlationId, body } = decodeResponseFrame(Produce, 9, out)
    const found = body.responses.flatMap(({ partitionResponses }) => partitionResponses)
    assert.deepEqual([correlationId, found.map(({ index }) => index)], [8, expected])
  }
})
