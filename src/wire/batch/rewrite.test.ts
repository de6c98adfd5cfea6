import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { crc32c } from '../crc32c.ts'
import { buildBatch } from './build.ts'
import { readBatchHeader, rewriteBatchHeader, verifyCrc } from './header.ts'

const stamps = fc.record({
  producerId: fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, -1, 2 ** 32, 2 ** 53 - 1)),
  producerEpoch: fc.integer({ min: -1, max: 0x7fff }),
  baseSequence: fc.integer({ min: -1, max: 0x7fffffff }),
})

test('the rewritten header says what it should, and its CRC is the one computed anew', () => {
  const inputs = fc.record({
    size: fc.constantFrom(0, 1, 100, 2047, 2048, 16_384, 100_000, 1_048_576),
    attributes: fc.integer({ min: 0, max: 0x7fff }),
    first: stamps,
    second: stamps,
  })
  fc.assert(
    fc.property(inputs, ({ size, attributes, first, second }) => {
      const batch = buildBatch({
        records: [{ timestamp: 5, offset: 99, value: Buffer.alloc(size, 7) }],
        ...first,
      })
      batch.writeInt16BE(attributes, 21)
      batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
      const payload = Buffer.from(batch.subarray(61))
      rewriteBatchHeader(batch, second)
      assert.ok(verifyCrc(batch))
      const header = readBatchHeader(batch, 0)
      const { producerId, producerEpoch, baseSequence } = header
      assert.deepEqual({ producerId, producerEpoch, baseSequence }, { ...second })
      assert.deepEqual([header.baseOffset, header.partitionLeaderEpoch], [0, -1])
      assert.equal(header.attributes, attributes & ~0x58)
      assert.deepEqual([header.baseTimestamp, header.maxTimestamp, header.lastOffsetDelta], [5, 5, 0])
      assert.deepEqual(batch.subarray(61), payload)
    }),
  )
})

test('a damaged batch stays detectably damaged', () => {
  const batch = buildBatch({ records: [{ timestamp: 5, value: Buffer.alloc(100) }] })
  batch[80]! ^= 1
  rewriteBatchHeader(batch, { producerId: 1, producerEpoch: 2, baseSequence: 3 })
  assert.equal(verifyCrc(batch), false)
})

test('what is not exactly one batch of format 2 is refused and left as it was', () => {
  const stamp = { producerId: 1, producerEpoch: 2, baseSequence: 3 }
  const good = buildBatch({ records: [{ timestamp: 5 }] })
  const old = Buffer.from(good)
  old.writeInt8(1, 16)
  const cases: [string, Buffer][] = [
    ['BATCH_TRUNCATED', good.subarray(0, 60)],
    ['BATCH_MALFORMED', Buffer.concat([good, good])],
    ['BATCH_MALFORMED', good.subarray(0, good.length - 1)],
    ['BATCH_UNSUPPORTED_MAGIC', old],
  ]
  for (const [code, bytes] of cases) {
    const before = Buffer.from(bytes)
    assertCode(code, () => rewriteBatchHeader(bytes, stamp))
    assert.deepEqual(bytes, before)
  }
  const before = Buffer.from(good)
  for (const wrong of [{ producerId: 2 ** 53 }, { producerEpoch: 40_000 }, { baseSequence: 2 ** 31 }]) {
    assertCode('WIRE_VALUE_OUT_OF_RANGE', () => rewriteBatchHeader(good, { ...stamp, ...wrong }))
  }
  assert.deepEqual(good, before)
})
