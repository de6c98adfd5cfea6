import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LinkLimit, limitAt } from './limit.ts'

const at = (text: string) => Date.parse(text)
const weekdays = [1, 2, 3, 4, 5]

test('a window holds by the clock of its zone, on its days', () => {
  const limit: LinkLimit = {
    bytesPerSecond: 50,
    windows: [{ days: weekdays, from: 8 * 60, to: 20 * 60, bytesPerSecond: 10 }],
    zone: 'Asia/Seoul',
  }
  // 2026-11-20 is a Friday; Seoul is nine hours ahead of UTC.
  assert.equal(limitAt(limit, at('2026-11-20T07:59:59+09:00')), 50)
  assert.equal(limitAt(limit, at('2026-11-20T08:00:00+09:00')), 10)
  assert.equal(limitAt(limit, at('2026-11-20T10:59:59Z')), 10)
  assert.equal(limitAt(limit, at('2026-11-20T11:00:00Z')), 50)
  assert.equal(limitAt(limit, at('2026-11-21T12:00:00+09:00')), 50, 'Saturday')
})

test('a window that runs over midnight belongs to the day on which it begins', () => {
  const limit: LinkLimit = {
    bytesPerSecond: 10,
    windows: [{ days: [7], from: 22 * 60, to: 6 * 60, bytesPerSecond: null }],
    zone: 'UTC',
  }
  assert.equal(limitAt(limit, at('2026-11-22T21:59:00Z')), 10, 'Sunday evening')
  assert.equal(limitAt(limit, at('2026-11-22T22:00:00Z')), null)
  assert.equal(limitAt(limit, at('2026-11-23T05:59:00Z')), null, 'Monday, over the turn of the week')
  assert.equal(limitAt(limit, at('2026-11-23T06:00:00Z')), 10)
  assert.equal(limitAt(limit, at('2026-11-23T23:00:00Z')), 10, 'Monday evening')
})

test('summer time moves the window with the wall clock', () => {
  const limit: LinkLimit = {
    bytesPerSecond: null,
    windows: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 540, to: 600, bytesPerSecond: 7 }],
    zone: 'Europe/Berlin',
  }
  assert.equal(limitAt(limit, at('2026-01-15T08:30:00Z')), 7)
  assert.equal(limitAt(limit, at('2026-07-15T07:30:00Z')), 7)
  assert.equal(limitAt(limit, at('2026-07-15T08:30:00Z')), null)
})
