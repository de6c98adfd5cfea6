import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samplesOf } from './series.ts'

const point = (at: number, records: number | null) => ({ at, records, bytes: null, seconds: null })

test('a line has a gap where nothing was known, and none where a look came late', () => {
  const points = [point(0, 1), point(10, 2), point(40, 3), point(80, 4), point(90, null)]
  const series = { from: 0, to: 100, bucketMs: 10, points }
  assert.deepEqual(
    samplesOf(series, 'records').map(({ at, value }) => [at, value]),
    [
      [0, 1],
      [10, 2],
      [40, 3],
      [50, null],
      [80, 4],
      [90, null],
    ],
  )
  assert.ok(samplesOf(series, 'bytes').every(({ value }) => value === null))
})
