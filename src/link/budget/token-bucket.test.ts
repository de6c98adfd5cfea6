import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TokenBucket } from './token-bucket.ts'

function bucketAt(rate: number) {
  const clock = { at: 1_000_000, now: () => clock.at }
  return { clock, bucket: new TokenBucket(rate, clock) }
}

test('what is spent within any time is at most the rate, one burst and one answer too large', () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(400), bytes: fc.nat(5_000) }), { maxLength: 200 })
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 10_000 }), steps, (rate, moves) => {
      const { clock, bucket } = bucketAt(rate)
      const from = clock.at
      let spent = 0
      for (const { waitMs, bytes } of moves) {
        clock.at += waitMs
        if (bucket.balance <= 0) continue
        bucket.take(bytes)
        spent += bytes
        assert.ok(spent <= ((clock.at - from) / 1_000) * rate + rate + 5_000)
      }
    }),
  )
})

test('who waits as long as it says has what was waited for', () => {
  const { clock, bucket } = bucketAt(1_000)
  bucket.take(5_000)
  assert.equal(bucket.waitMs(250), 4_250)
  clock.at += bucket.waitMs(250)
  assert.equal(bucket.balance, 250)
})

test('a clock that jumps ahead gives one burst, one that jumps back takes nothing', () => {
  const { clock, bucket } = bucketAt(1_000)
  bucket.take(1_000)
  clock.at += 3_600_000
  assert.equal(bucket.balance, 1_000)
  clock.at -= 7_200_000
  assert.equal(bucket.balance, 1_000)
  bucket.take(1_000)
  clock.at += 100
  assert.equal(bucket.balance, 100)
})

test('a lower rate holds at once, also for what was saved up', () => {
  const { bucket } = bucketAt(1_000_000)
  bucket.rate = 1_000
  assert.equal(bucket.balance, 1_000)
  bucket.take(400)
  bucket.take(-10_000)
  assert.equal(bucket.balance, 1_000, 'what is given back does not add up beyond a burst')
})
