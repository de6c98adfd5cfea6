import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { FrameStream, type Verdict } from './frame-stream.ts'

function frame(content: string): Buffer {
  const bytes = Buffer.alloc(4 + content.length)
  bytes.writeInt32BE(content.length, 0)
  bytes.write(content, 4, 'latin1')
  return bytes
}

type Seen = { readonly whole: string[]; readonly passed: string[] }

/** A stream whose frames pass as their first letter says: w whole, p pieces. */
function collecting(frameBytesMax = 1_000_000): { readonly stream: FrameStream; readonly seen: Seen } {
  const seen: Seen = { whole: [], passed: [] }
  let passing: Buffer[] = []
  const verdicts: Record<string, Verdict> = { w: 'whole', p: 'pieces' }
  const stream = new FrameStream(
    {
      begin: (head) => verdicts[String.fromCharCode(head[4]!)]!,
      whole: (bytes) => seen.whole.push(bytes.toString('latin1', 4)),
      piece(bytes, isLast) {
        passing.push(bytes)
        if (!isLast) return
        seen.passed.push(Buffer.concat(passing).toString('latin1', 4))
        passing = []
      },
    },
    { headBytes: 8, frameBytesMax },
  )
  return { stream, seen }
}

test('whatever the chunks, the frames are the same', () => {
  const contents = fc.array(fc.tuple(fc.constantFrom('w', 'p'), fc.integer({ min: 3, max: 300 })), {
    maxLength: 8,
  })
  const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(contents, cuts, (described, sizes) => {
      const texts = described.map(([kind, length], index) => kind + String(index).padEnd(length, '.'))
      const bytes = Buffer.concat(texts.map(frame))
      const { stream, seen } = collecting()
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length]!
        stream.feed(bytes.subarray(at, at + size))
        at += size
      }
      assert.deepEqual(
        seen.whole,
        texts.filter((text) => text.startsWith('w')),
      )
      assert.deepEqual(
        seen.passed,
        texts.filter((text) => text.startsWith('p')),
      )
      assert.equal(stream.waitingBytes, 0)
    }),
  )
})

test('a frame that is stopped at waits with all that follows', () => {
  const seen: string[] = []
  let isAllowed = false
  const stream = new FrameStream(
    {
      begin: () => (isAllowed ? 'whole' : 'stop'),
      whole: (bytes) => seen.push(bytes.toString('latin1', 4)),
      piece: () => assert.fail('nothing passes in pieces'),
    },
    { headBytes: 8, frameBytesMax: 100 },
  )
  stream.feed(Buffer.concat([frame('first'), frame('second')]))
  stream.feed(frame('third'))
  assert.ok(stream.isStopped)
  assert.equal(stream.waitingBytes, 4 * 3 + 16)
  isAllowed = true
  stream.resume()
  assert.deepEqual(seen, ['first', 'second', 'third'])
})

test('a sink may ask for more of the head, byte by byte, without being asked too often', () => {
  let asked = 0
  const stream = new FrameStream(
    {
      begin(head, sizeBytes) {
        asked++
        return head.length < sizeBytes ? 'more' : 'whole'
      },
      whole: () => {},
      piece: () => {},
    },
    { headBytes: 8, frameBytesMax: 100_000 },
  )
  for (const byte of frame('x'.repeat(50_000))) stream.feed(Buffer.from([byte]))
  assert.equal(stream.waitingBytes, 0)
  assert.ok(asked < 20, `${asked} times`)
})

test('sizes that cannot be are refused before anything is kept for them', () => {
  const announce = (size: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeInt32BE(size, 0)
    return bytes
  }
  for (const size of [-1, 0, 3, -(2 ** 31)])
    assertCode('GATEWAY_BAD_FRAME', () => collecting().stream.feed(announce(size)))
  assertCode('GATEWAY_FRAME_TOO_LARGE', () => collecting(1_000).stream.feed(announce(2 ** 31 - 5)))
})
