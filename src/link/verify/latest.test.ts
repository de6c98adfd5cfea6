import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LatestByKey } from './latest.ts'

function latest(...records: [offset: number, key: string, value: string | null][]): LatestByKey {
  const side = new LatestByKey()
  for (const [offset, key, value] of records) {
    const bytes = value === null ? null : Buffer.from(value)
    side.add({
      offset,
      timestamp: 1,
      key: Buffer.from(key),
      value: bytes,
      body: Buffer.from(`${key}=${value}`),
    })
  }
  return side
}

test('older records of a key may be on one side only', () => {
  const a = latest([0, 'x', '1'], [5, 'x', '2'])
  assert.equal(a.firstDifference(latest([5, 'x', '2'])), null)
})

test('the newest record must be the same at the same offset', () => {
  const a = latest([5, 'x', '2'], [7, 'y', '1'])
  assert.equal(a.firstDifference(latest([5, 'x', '3'], [7, 'y', '1'])), 5)
  assert.equal(a.firstDifference(latest([5, 'x', '2'], [8, 'y', '1'])), 7)
  assert.equal(a.firstDifference(latest([5, 'x', '2'])), 7)
  assert.equal(latest([5, 'x', '2']).firstDifference(a), 7)
})

test('a tombstone is as good as nothing', () => {
  assert.equal(latest([5, 'x', null]).firstDifference(latest()), null)
  assert.equal(latest([5, 'x', '1'], [6, 'x', null]).firstDifference(latest([5, 'x', '1'])), 5)
})
