import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partitionOf } from './write-records.ts'

/** What Kafka's own Utils.murmur2 gives for these keys (its UtilsTest), made positive as its clients do. */
const hashes: readonly (readonly [key: string, murmur2: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
]

for (const [key, hash] of hashes) {
  test(`key ${key} goes to the partition that Java clients choose`, () => {
    for (const count of [1, 3, 7, 100]) {
      assert.equal(partitionOf(Buffer.from(key), count), (hash & 0x7fffffff) % count)
    }
  })
}
