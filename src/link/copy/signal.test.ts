import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { Signal } from './signal.ts'

const LONG_MS = 60_000

test('a signal ends the wait', async () => {
  const signal = new Signal()
  const waiting = signal.wait(LONG_MS, systemClock)
  signal.give()
  await waiting
})

test('a signal given before the wait is not lost, and counts once', async () => {
  const signal = new Signal()
  signal.give()
  signal.give()
  await signal.wait(LONG_MS, systemClock)
  let ended = false
  const second = signal.wait(LONG_MS, systemClock).then(() => {
    ended = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(ended, false)
  signal.give()
  await second
})

test('without a signal the time ends the wait', async () => {
  await new Signal().wait(1, systemClock)
})
