import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoffMs } from './backoff.ts'

const bounds = { firstMs: 50, maxMs: 1_000 }
const middle = (): number => 0.5

test('the pause doubles up to its maximum', () => {
  const pauses = [0, 1, 2, 3, 5, 6, 1_000].map((failures) => backoffMs(failures, bounds, middle))
  assert.deepEqual(pauses, [0, 50, 100, 200, 800, 1_000, 1_000])
})

test('chance moves it by a fifth at most', () => {
  assert.equal(
    backoffMs(1, bounds, () => 0),
    40,
  )
  assert.ok(backoffMs(9, bounds, () => 0.999_999) < 1_200)
})
