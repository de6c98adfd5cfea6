import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commonRange } from './range.ts'

test('compared is what both sides hold', () => {
  assert.deepEqual(commonRange({ start: 0, end: 40 }, { start: 10, end: 50 }), {
    from: 10,
    to: 40,
    aheadAt: null,
  })
  assert.deepEqual(commonRange({ start: 20, end: 50 }, { start: 0, end: 50 }), {
    from: 20,
    to: 50,
    aheadAt: null,
  })
})

test('nothing is compared where the sides have nothing in common', () => {
  assert.deepEqual(commonRange({ start: 60, end: 60 }, { start: 0, end: 60 }), {
    from: 60,
    to: 60,
    aheadAt: null,
  })
})

test('a mirror that holds more than its source is ahead from the end of the source on', () => {
  assert.deepEqual(commonRange({ start: 0, end: 51 }, { start: 0, end: 50 }), {
    from: 0,
    to: 50,
    aheadAt: 50,
  })
})
