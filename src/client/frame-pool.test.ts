import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FramePool } from './frame-pool.ts'

const MIB = 1024 * 1024

test('memory serves another frame when its last holder has let go, and not before', () => {
  const pool = new FramePool(MIB)
  const frame = pool.take(MIB / 2)
  const part = frame.subarray(100, 200)
  pool.hold(part)
  pool.release(frame)
  assert.notEqual(pool.take(MIB).buffer, frame.buffer, 'the part is still held')
  pool.release(part)
  const next = pool.take(MIB)
  assert.equal(next.buffer, frame.buffer)
  assert.equal(next.length, MIB)
})

test('small frames share a piece of memory, which is used again when all of them are let go', () => {
  const pool = new FramePool(MIB)
  const [first, second, third] = [pool.take(MIB / 2), pool.take(MIB / 4), pool.take(MIB / 4)]
  first.fill(1)
  second.fill(2)
  third.fill(3)
  for (const frame of [second, third]) assert.equal(frame.buffer, first.buffer)
  assert.deepEqual([first[MIB / 2 - 1], second[0], second[MIB / 4 - 1], third[0]], [1, 2, 2, 3])
  const other = pool.take(MIB / 2)
  assert.notEqual(other.buffer, first.buffer, 'there was no room')
  pool.release(first)
  pool.release(first)
  pool.release(second)
  assert.notEqual(pool.take(MIB).buffer, first.buffer, 'the third is still held')
  pool.release(third)
  assert.equal(pool.take(MIB).buffer, first.buffer)
})

test('letting go more often than holding gives memory away only once', () => {
  const pool = new FramePool(MIB)
  const frame = pool.take(MIB)
  pool.release(frame)
  pool.release(frame)
  assert.notEqual(pool.take(MIB).buffer, pool.take(MIB).buffer)
})

test('frames that are small or too large have memory of their own', () => {
  const pool = new FramePool(MIB)
  for (const size of [16, MIB + 1]) {
    const frame = pool.take(size)
    assert.equal(frame.length, size)
    pool.hold(frame)
    pool.release(frame)
    pool.release(frame)
    assert.notEqual(pool.take(MIB).buffer, frame.buffer)
  }
})

test('only a few free pieces of memory are kept', () => {
  const pool = new FramePool(MIB)
  const frames = Array.from({ length: 20 }, () => pool.take(MIB))
  const first = new Set(frames.map(({ buffer }) => buffer))
  assert.equal(first.size, 20)
  for (const frame of frames) pool.release(frame)
  const again = Array.from({ length: 20 }, () => pool.take(MIB))
  assert.equal(again.filter(({ buffer }) => first.has(buffer)).length, 4)
})
