import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { crc32c, crc32cCombine, crc32cPatch } from './crc32c.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

test('CRC-32C gives the known values', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  // RFC 3720 appendix B.4.
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
})

test('a CRC can be continued', () => {
  fc.assert(
    fc.property(bytes(300), bytes(300), (a, b) => {
      assert.equal(crc32c(b, crc32c(a)), crc32c(Buffer.concat([a, b])))
      assert.equal(crc32cCombine(crc32c(a), crc32c(b), b.length), crc32c(Buffer.concat([a, b])))
    }),
  )
})

test('patching gives what computing anew gives, for tails of any length', () => {
  const tails = fc.constantFrom(0, 1, 7, 61, 1000, 65_537, 1 << 20, (1 << 24) + 12_345)
  const tail = Buffer.alloc((1 << 24) + 12_345)
  for (let i = 0; i < tail.length; i++) tail[i] = (i * 31) & 0xff
  const pair = fc.integer({ min: 1, max: 64 }).chain((size) => {
    const side = fc.uint8Array({ minLength: size, maxLength: size }).map((array) => Buffer.from(array))
    return fc.tuple(side, side)
  })
  fc.assert(
    fc.property(pair, tails, ([before, after], length) => {
      const rest = tail.subarray(0, length)
      const whole = crc32c(rest, crc32c(before))
      assert.equal(crc32cPatch(whole, crc32c(before), crc32c(after), length), crc32c(rest, crc32c(after)))
    }),
  )
})
