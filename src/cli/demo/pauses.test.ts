import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pauses } from './pauses.ts'

test('a pause counts from the last answer before it, and the first answer from where it was marked', () => {
  const pauses = new Pauses()
  for (const at of [1_000, 5_000, 5_100]) pauses.note(at)
  assert.equal(pauses.longestMs, 4_000)
  pauses.restart()
  pauses.mark(6_000)
  assert.deepEqual([pauses.longestMs, pauses.firstMs], [0, null])
  for (const at of [7_500, 7_600]) pauses.note(at)
  assert.deepEqual([pauses.longestMs, pauses.firstMs], [2_400, 1_500])
})
