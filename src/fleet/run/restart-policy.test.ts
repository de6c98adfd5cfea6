import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  afterExit,
  FENCED_DELAY_MS,
  freshMemory,
  HEALTHY_AFTER_MS,
  RESTART_DELAY_MAX_MS,
  RESTART_DELAY_MIN_MS,
} from './restart-policy.ts'

const failed = { code: 1, signal: null }
const quick = { ms: 10, jitter: 0 }

test('a killed worker comes back almost at once', () => {
  const decision = afterExit(freshMemory, { code: null, signal: 'SIGKILL' }, { ms: 5_000, jitter: 0 })
  assert.equal(decision.action, 'restart')
  assert.equal(decision.why, 'killed')
  assert.equal(decision.delayMs, RESTART_DELAY_MIN_MS)
})

test('delays double with each quick end and stop growing at the limit', () => {
  let memory = freshMemory
  const delays: number[] = []
  for (let end = 0; end < 12; end++) {
    const decision = afterExit(memory, failed, quick)
    delays.push(decision.delayMs)
    memory = decision.memory
  }
  assert.deepEqual(delays.slice(0, 4), [250, 500, 1000, 2000])
  assert.equal(delays.at(-1), RESTART_DELAY_MAX_MS)
})

test('a long run makes the next end the first again', () => {
  const decision = afterExit({ quickEnds: 9 }, failed, { ms: HEALTHY_AFTER_MS, jitter: 0 })
  assert.equal(decision.delayMs, RESTART_DELAY_MIN_MS)
})

test('a fenced worker waits long, however often it ended before', () => {
  const decision = afterExit({ quickEnds: 3 }, { code: 3, signal: null }, quick)
  assert.deepEqual([decision.why, decision.delayMs], ['fenced', FENCED_DELAY_MS])
})

test('a worker that ends with 0 has no link any more and rests', () => {
  assert.equal(afterExit(freshMemory, { code: 0, signal: null }, quick).action, 'rest')
})

test('no delay is ever below four fifths of the least or above the most', () => {
  const exits = fc.constantFrom(failed, { code: null, signal: 'SIGKILL' }, { code: 7, signal: null })
  const ran = fc.record({ ms: fc.nat(200_000), jitter: fc.double({ min: 0, max: 1, noNaN: true }) })
  fc.assert(
    fc.property(fc.nat(10_000), exits, ran, (quickEnds, exit, run) => {
      const { delayMs } = afterExit({ quickEnds }, exit, run)
      assert.ok(delayMs >= RESTART_DELAY_MIN_MS * 0.8 && delayMs <= RESTART_DELAY_MAX_MS)
    }),
  )
})

test('a worker whose link was turned is started again at once', () => {
  const decision = afterExit(freshMemory, { code: 4, signal: null }, { ms: 10, jitter: 0 })
  assert.deepEqual(decision, { memory: freshMemory, action: 'restart', delayMs: 0, why: 'turned' })
})
