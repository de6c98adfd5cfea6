import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertCode } from '../../test/kit/assert-code.ts'
import { FrameAssembler } from './frame-assembler.ts'

const LIMIT = 1_000

function framed(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

test('frames come out whole, however the stream is cut', () => {
  const bodies = fc.array(fc.uint8Array({ minLength: 4, maxLength: 300 }), { maxLength: 8 })
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (frames, cuts) => {
      const stream = Buffer.concat(frames.map(framed))
      const got: Buffer[] = []
      const assembler = new FrameAssembler(LIMIT, (frame) => got.push(frame))
      // The socket reads into one buffer again and again: a frame may not be a view of it.
      const reused = Buffer.alloc(200)
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const count = stream.copy(reused, 0, at, at + cuts[turn % cuts.length]!)
        assembler.feed(reused.subarray(0, count))
        reused.fill(0xee)
        at += count
      }
      assert.deepEqual(
        got.map((frame) => frame.toString('hex')),
        frames.map((body) => Buffer.from(body).toString('hex')),
      )
      assert.equal(assembler.isMidFrame, false)
    }),
  )
})

test('the bulk of a large frame is put where it stays, whatever a read brings', () => {
  const large = fc.integer({ min: 4, max: 200_000 })
  const reads = fc.array(fc.integer({ min: 1, max: 90_000 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(large, { minLength: 1, maxLength: 4 }), reads, (sizes, counts) => {
      const bodies = sizes.map((size, index) => Buffer.alloc(size, `frame ${index} of ${size}`))
      const stream = Buffer.concat(bodies.map(framed))
      const got: Buffer[] = []
      const assembler = new FrameAssembler(200_000, (frame) => got.push(frame))
      const scratch = Buffer.alloc(50_000)
      let copied = 0
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const space = assembler.space(scratch)
        const count = Math.min(space.length, counts[turn % counts.length]!, stream.length - at)
        space.set(stream.subarray(at, at + count))
        assembler.filled(space.subarray(0, count))
        if (space === scratch) copied += count
        scratch.fill(0xee)
        at += count
      }
      assert.ok(got.length === bodies.length && got.every((frame, index) => frame.equals(bodies[index]!)))
      // Of each frame at most its first read and its small rest.
      assert.ok(copied <= bodies.length * (scratch.length + 32 * 1024 + 4))
    }),
    { numRuns: 50 },
  )
})

test('a frame has a buffer of exactly its size', () => {
  const got: Buffer[] = []
  new FrameAssembler(LIMIT, (frame) => got.push(frame)).feed(framed(Buffer.alloc(700, 7)))
  assert.equal(got[0]?.length, 700)
})

test('impossible sizes are refused before anything is allocated', () => {
  for (const size of [-1, -2_147_483_648, 0, 3, LIMIT + 1, 2_147_483_647]) {
    const head = Buffer.alloc(4)
    head.writeInt32BE(size)
    assertCode('MALFORMED_RESPONSE', () =>
      new FrameAssembler(LIMIT, () => assert.fail('no frame')).feed(head),
    )
  }
})

test('the limit may be raised between frames', () => {
  const got: number[] = []
  const assembler = new FrameAssembler(10, (frame) => got.push(frame.length))
  assembler.feed(framed(Buffer.alloc(10)))
  assembler.limitBytes = LIMIT
  assembler.feed(framed(Buffer.alloc(LIMIT)))
  assert.deepEqual(got, [10, LIMIT])
})

test('it knows that a frame has begun', () => {
  const assembler = new FrameAssembler(LIMIT, () => {})
  assembler.feed(Buffer.from([0]))
  assert.equal(assembler.isMidFrame, true)
  assembler.feed(Buffer.from([0, 0, 4, 1, 2, 3]))
  assert.equal(assembler.isMidFrame, true)
  assembler.feed(Buffer.from([4]))
  assert.equal(assembler.isMidFrame, false)
})
