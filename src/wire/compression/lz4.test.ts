import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressFrameSync } from 'lz4-napi'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { decompressLz4 } from './lz4.ts'
import { decodeBlock } from './lz4-block.ts'
import { xxhash32 } from './xxhash32.ts'

const MIB = 1024 * 1024

/** A frame put together by hand: descriptor flags, then blocks as they are. */
function frame(flags: number, blocks: readonly Buffer[], blockSizeId = 4): Buffer {
  const descriptor = Buffer.from([flags, blockSizeId << 4])
  const checksum = Buffer.from([(xxhash32(descriptor) >>> 8) & 0xff])
  const parts = blocks.flatMap((block) => [int32(block.length), block])
  return Buffer.concat([Buffer.from('04224d18', 'hex'), descriptor, checksum, ...parts, int32(0)])
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0, 0)
  return bytes
}

const literals = (text: string) => Buffer.from([text.length << 4, ...Buffer.from(text)])

test('XXH32 gives the known values', () => {
  const known: [string, number][] = [
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ]
  for (const [text, hash] of known) assert.equal(xxhash32(Buffer.from(text)), hash, text)
})

test('checksums of blocks and content are checked where the frame has them', () => {
  const plain = Buffer.alloc(200_000, 'checked content ')
  const packed = compressFrameSync(plain, { blockChecksums: true, contentChecksum: true })
  assert.ok(decompressLz4(packed, MIB).equals(plain))
  // The first block's checksum stands behind its data; the content's at the very end.
  const firstBlock = 7 + 4 + (packed.readUInt32LE(7) & 0x7fffffff)
  for (const at of [firstBlock, packed.length - 1]) {
    const damaged = Buffer.from(packed)
    damaged[at]! ^= 1
    assertCode('COMPRESSION_CORRUPT', () => decompressLz4(damaged, MIB))
  }
})

test('blocks that lean on earlier ones are read', () => {
  // The second block copies 8 bytes from 5 back, across the border of the blocks.
  const leaning = Buffer.from([0x04, 5, 0, 0x10, 0x21])
  assert.equal(decompressLz4(frame(0x40, [literals('hello'), leaning]), MIB).toString(), 'hellohellohel!')
})

test('matches may overlap themselves and run long', () => {
  const run = Buffer.concat([Buffer.from([0x1f, 0x61, 1, 0, 255, 255, 100]), literals('b')])
  const out = Buffer.alloc(700)
  const end = decodeBlock(run, out, 0, out.length)
  assert.equal(end, 1 + 4 + 15 + 255 + 255 + 100 + 1)
  assert.equal(out.toString('latin1', 0, end), `${'a'.repeat(630)}b`)
})

test('frames that contradict themselves are refused', () => {
  const cases: [string, Buffer][] = [
    ['no magic', Buffer.from('00224d1860408200000000', 'hex')],
    ['header checksum', Buffer.from('04224d1860408300000000', 'hex')],
    ['version 0', frame(0x20, [])],
    ['block size id 3', frame(0x60, [], 3)],
    ['dictionary', frame(0x61, [])],
    ['no end', frame(0x60, [literals('x')]).subarray(0, -4)],
    [
      'length beyond the input',
      Buffer.concat([frame(0x60, []).subarray(0, 7), int32(1000), Buffer.alloc(10)]),
    ],
    ['match before the start', frame(0x60, [Buffer.from([0x10, 0x61, 9, 0])])],
    ['match of distance 0', frame(0x60, [Buffer.from([0x10, 0x61, 0, 0])])],
    ['empty block', Buffer.concat([frame(0x60, []).subarray(0, 7), int32(0x80000000), int32(0)])],
  ]
  for (const [what, bytes] of cases) {
    if (what === 'empty block') assert.equal(decompressLz4(bytes, MIB).length, 0)
    else assertCode('COMPRESSION_CORRUPT', () => decompressLz4(bytes, MIB))
  }
})

test('a block may not hold more than the frame allows', () => {
  const long = Buffer.concat([
    Buffer.from([0x1f, 0x61, 1, 0]),
    Buffer.alloc(400, 255),
    Buffer.from([0]),
    literals('b'),
  ])
  assertCode('COMPRESSION_CORRUPT', () => decompressLz4(frame(0x60, [long]), MIB))
  assert.equal(decompressLz4(frame(0x60, [long], 5), MIB).length, 400 * 255 + 21)
})

test('a stated content size must be true', () => {
  const sized = (size: number) => {
    const descriptor = Buffer.concat([Buffer.from([0x68, 0x40]), int32(size), int32(0)])
    const checksum = Buffer.from([(xxhash32(descriptor) >>> 8) & 0xff])
    const block = literals('hello')
    return Buffer.concat([
      Buffer.from('04224d18', 'hex'),
      descriptor,
      checksum,
      int32(block.length),
      block,
      int32(0),
    ])
  }
  assert.equal(decompressLz4(sized(5), MIB).toString(), 'hello')
  assertCode('COMPRESSION_CORRUPT', () => decompressLz4(sized(6), MIB))
})
