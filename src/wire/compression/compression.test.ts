import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { compressSync as snappyBlock } from 'snappy'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { Codec, compress, decompress } from './codec.ts'

const MIB = 1024 * 1024
const codecs = Object.entries(Codec).filter(([, codec]) => codec !== Codec.NONE)

/** Bytes of all kinds: noise, repetition, and repetition with little changes, over several blocks of every codec. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 50 }), fc.nat({ max: 300_000 }))
    .map(([text, size]) => Buffer.alloc(size, text)),
  fc.tuple(fc.integer(), fc.nat({ max: 200_000 })).map(([seed, size]) => noise(seed, size)),
)

function noise(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed | 1
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
    bytes[i] = state >>> 24 > 100 ? state >>> 16 : 97
  }
  return bytes
}

for (const [name, codec] of codecs) {
  test(`${name}: what was compressed comes back, and one byte less of room is an error`, () => {
    fc.assert(
      fc.property(contents, (plain) => {
        const packed = compress(codec, plain)
        assert.ok(decompress(codec, packed, { maxBytes: Math.max(1, plain.length) }).equals(plain))
        if (plain.length > 1) {
          assertCode('DECOMPRESSION_LIMIT', () => decompress(codec, packed, { maxBytes: plain.length - 1 }))
        }
      }),
      { numRuns: 60 },
    )
  })

  test(`${name}: a bomb is stopped at the limit, without the memory it asks for`, () => {
    const bomb = compress(codec, Buffer.alloc(64 * MIB))
    assert.ok(bomb.length < 4 * MIB)
    const before = process.memoryUsage().arrayBuffers
    assertCode('DECOMPRESSION_LIMIT', () => decompress(codec, bomb, { maxBytes: MIB }))
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * MIB)
  })

  test(`${name}: cut input is an error at every length`, () => {
    const packed = compress(codec, Buffer.from('some text that repeats, some text that repeats. '.repeat(20)))
    for (let size = 0; size < packed.length; size++) {
      const cut = packed.subarray(0, size)
      // A snappy stream may end behind its header: it is then an empty stream.
      if (codec === Codec.SNAPPY && size === 16)
        assert.equal(decompress(codec, cut, { maxBytes: MIB }).length, 0)
      else assertCode('COMPRESSION_CORRUPT', () => decompress(codec, cut, { maxBytes: MIB }))
    }
  })
}

test('codec none gives the bytes themselves, unknown codecs are refused', () => {
  const bytes = Buffer.from('x')
  assert.equal(compress(0, bytes), bytes)
  assert.equal(decompress(0, bytes, { maxBytes: 0 }), bytes)
  for (const codec of [5, 7, -1]) {
    assertCode('COMPRESSION_UNKNOWN_CODEC', () => compress(codec, bytes))
    assertCode('COMPRESSION_UNKNOWN_CODEC', () => decompress(codec, bytes, { maxBytes: 1 }))
  }
})

test('snappy without framing is read too', () => {
  const plain = Buffer.alloc(100_000, 'bare block ')
  assert.ok(decompress(Codec.SNAPPY, snappyBlock(plain), { maxBytes: 100_000 }).equals(plain))
})

test('a snappy block that promises more than it can hold is refused before memory is taken', () => {
  const lie = Buffer.from('ffffffff0f' + '00', 'hex')
  assertCode('COMPRESSION_CORRUPT', () =>
    decompress(Codec.SNAPPY, lie, { maxBytes: Number.MAX_SAFE_INTEGER }),
  )
  assertCode('COMPRESSION_CORRUPT', () =>
    decompress(Codec.SNAPPY, Buffer.from('8080808080', 'hex'), { maxBytes: MIB }),
  )
})

test('several gzip members and several zstd frames in a row are one content', () => {
  const [a, b] = [Buffer.from('first '), Buffer.from('second')]
  for (const [codec, pack] of [
    [Codec.GZIP, gzipSync],
    [Codec.ZSTD, zstdCompressSync],
  ] as const) {
    assert.equal(
      decompress(codec, Buffer.concat([pack(a), pack(b)]), { maxBytes: 100 }).toString(),
      'first second',
    )
  }
})

test('zstd frames of somebody else between the frames are stepped over, and may be cut neither', () => {
  const own = Buffer.concat([Buffer.from('532a4d1803000000', 'hex'), Buffer.from('own')])
  const packed = Buffer.concat([zstdCompressSync(Buffer.from('a')), own, zstdCompressSync(Buffer.from('b'))])
  assert.equal(decompress(Codec.ZSTD, packed, { maxBytes: 100 }).toString(), 'ab')
  assertCode('COMPRESSION_CORRUPT', () => decompress(Codec.ZSTD, own.subarray(0, -1), { maxBytes: 100 }))
})

test('zstd frames with a checksum, of one segment and of many blocks end where they say', () => {
  const plain = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * at) % 251))
  for (const params of [
    {},
    { [constants.ZSTD_c_checksumFlag]: 1 },
    { [constants.ZSTD_c_contentSizeFlag]: 0 },
  ]) {
    for (const size of [0, 1, 255, 256, 65_791, 65_792, 700_000]) {
      const packed = zstdCompressSync(plain.subarray(0, size), { params })
      assert.ok(decompress(Codec.ZSTD, packed, { maxBytes: MIB }).equals(plain.subarray(0, size)))
      assertCode('COMPRESSION_CORRUPT', () =>
        decompress(Codec.ZSTD, packed.subarray(0, -1), { maxBytes: MIB }),
      )
    }
  }
})
