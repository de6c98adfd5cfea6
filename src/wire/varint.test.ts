import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RecordCursor } from './batch/cursor.ts'
import { putZigzag, zigzagSize } from './varint.ts'

const HALF = 2 ** 52 - 1

test('zigzag varints come back as they went and take the size that was foretold', () => {
  const values = fc.oneof(
    fc.integer(),
    fc.maxSafeInteger().map((value) => value % HALF),
    fc.constantFrom(-1, 0, 63, -64, 64, HALF, -HALF),
  )
  fc.assert(
    fc.property(values, (value) => {
      const bytes = Buffer.alloc(10)
      const end = putZigzag(bytes, 0, value)
      assert.equal(end, zigzagSize(value))
      assert.equal(new RecordCursor(bytes.subarray(0, end)).int64(), value === 0 ? 0 : value)
    }),
    { numRuns: 2000 },
  )
})

test('zigzag varints have Kafka’s bytes', () => {
  // org.apache.kafka.common.utils.ByteUtils: -1 is 01, 300 is d8 04.
  const hex = (value: number) => {
    const bytes = Buffer.alloc(10)
    return bytes.subarray(0, putZigzag(bytes, 0, value)).toString('hex')
  }
  assert.deepEqual(
    [hex(0), hex(-1), hex(1), hex(300), hex(-2147483648)],
    ['00', '01', '02', 'd804', 'ffffffff0f'],
  )
})
