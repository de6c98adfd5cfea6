import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '../../wire/batch/build.ts'
import { type Batch, readBatchHeader } from '../../wire/batch/header.ts'
import { heldWithin } from './held-within.ts'

const HEAD_BYTES = 61
const [NONE, LZ4] = [0, 3]

function records(first: number, count: number, word = 'order') {
  return Array.from({ length: count }, (_, index) => ({
    ...{ timestamp: 1_000 + first + index, key: null, headers: [] },
    value: Buffer.from(`${word} ${first + index}`),
  }))
}

/** What a producer sends: it knows neither offsets nor what becomes of its batch. */
function sent(first: number, count: number, codec = NONE): Buffer {
  const producer = { producerId: 9, producerEpoch: 2, baseSequence: 40 }
  return buildBatch({ records: records(first, count), codec, ...producer }).subarray(0, HEAD_BYTES)
}

/** What a link makes of several, or a broker of one that it compresses anew. */
function stored(baseOffset: number, all: ReturnType<typeof records>, codec = NONE): Batch {
  const bytes = buildBatch({ records: all, codec, baseOffset, producerId: 7_000 })
  return { header: readBatchHeader(bytes, 0), bytes }
}

test('a batch is found in one that was made of many, and again where the broker compressed it', () => {
  const merged = [...records(0, 3), ...records(50, 2), ...records(3, 4)]
  for (const codec of [NONE, LZ4]) {
    assert.deepEqual(heldWithin(sent(50, 2), stored(200, merged, codec)), { offset: 203 })
    assert.deepEqual(heldWithin(sent(3, 4), stored(200, merged, codec)), { offset: 205 })
    assert.deepEqual(heldWithin(sent(0, 3), stored(70, records(0, 3), codec)), { offset: 70 })
  }
})

test('what only looks like it is not taken for it', () => {
  assert.equal(heldWithin(sent(0, 3), stored(0, [...records(0, 3, 'parcel'), ...records(3, 9)])), null)
  assert.equal(heldWithin(sent(0, 3), stored(0, records(0, 2))), null)
  assert.equal(heldWithin(sent(90, 1), stored(0, records(0, 20))), null)
})

test('of one that was compressed it is only known whether it may be there', () => {
  const merged = [...records(0, 3), ...records(50, 2)]
  assert.equal(heldWithin(sent(50, 2, LZ4), stored(0, merged, LZ4)), 'maybe')
  assert.equal(heldWithin(sent(70, 2, LZ4), stored(0, merged, LZ4)), null)
})

test('what cannot be read may hold anything', () => {
  const { header, bytes } = stored(0, records(0, 5), LZ4)
  assert.equal(heldWithin(sent(0, 3), { header, bytes: Buffer.concat([bytes, Buffer.of(1)]) }), 'maybe')
})
