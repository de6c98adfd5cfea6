import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compatibilityPartitioner } from '@platformatic/kafka'
import fc from 'fast-check'
import { partitionOfKey } from './partitioner.ts'

test('keys go where Kafka’s own tests of murmur2 expect them', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const hashes = {
    '21': -973932308,
    foobar: -790332482,
    'a-little-bit-long-string': -985981536,
    lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8: -58897971,
  }
  for (const [key, hash] of Object.entries(hashes)) {
    assert.equal(partitionOfKey(Buffer.from(key), 2 ** 31), (hash & 0x7f_ff_ff_ff) % 2 ** 31)
  }
})

test('another library puts every key into the same partition', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 100 }), (bytes, count) => {
      const key = Buffer.from(bytes)
      assert.equal(partitionOfKey(key, count), compatibilityPartitioner({ topic: '' }, key) % count)
    }),
  )
})
