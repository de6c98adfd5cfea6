import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutesOfText } from './time-text.ts'

test('a time is a number and a unit', () => {
  assert.deepEqual(['30m', '45 min', '2h', ' 1d '].map(minutesOfText), [30, 45, 120, 1_440])
  assert.deepEqual(['', '0m', '2', 'h', '-1h', '1.5h', '99999d'].map(minutesOfText), Array(7).fill(null))
})
