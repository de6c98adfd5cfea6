import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differingRanges, RangeDigests } from './digest.ts'

function digests(...offsets: number[]) {
  const all = new RangeDigests()
  for (const offset of offsets) {
    all.add({ offset, timestamp: offset, key: null, value: null, body: Buffer.from(`b${offset}`) })
  }
  return all.finish()
}

test('ranges begin at multiples, whatever the first record', () => {
  assert.deepEqual(
    digests(9_999, 10_000, 25_000).map(({ from, records }) => [from, records]),
    [
      [0, 1],
      [10_000, 1],
      [20_000, 1],
    ],
  )
})

test('a shifted, changed, missing or added record makes its range differ, and no other', () => {
  const whole = digests(1, 10_001, 20_001)
  assert.deepEqual(differingRanges(whole, digests(1, 10_001, 20_001)), [])
  assert.deepEqual(differingRanges(whole, digests(1, 10_002, 20_001)), [10_000])
  assert.deepEqual(differingRanges(whole, digests(1, 20_001)), [10_000])
  assert.deepEqual(differingRanges(digests(1), whole), [10_000, 20_000])
})
