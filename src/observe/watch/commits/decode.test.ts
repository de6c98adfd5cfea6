import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeCommit } from './decode.ts'

function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(2)
  length.writeInt16BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function keyOf(groupId: string, topic: string, partition: number, version = 1): Buffer {
  const [head, tail] = [Buffer.alloc(2), Buffer.alloc(4)]
  head.writeInt16BE(version)
  tail.writeInt32BE(partition)
  return Buffer.concat([head, text(groupId), text(topic), tail])
}

/** Version, offset, and whatever the version brings behind it. */
function valueBytes(offset: bigint, version: number): Buffer {
  const bytes = Buffer.alloc(10 + 4 * version, 7)
  bytes.writeInt16BE(version)
  bytes.writeBigInt64BE(offset, 2)
  return bytes
}

test('a position is read, whichever version it was written in', () => {
  for (const version of [0, 1, 2, 3, 4]) {
    const commit = decodeCommit(keyOf('zahler-ä', 'orders', 3), valueBytes(42n, version))
    const place = { groupId: 'zahler-ä', topic: 'orders', partition: 3 }
    assert.deepEqual(commit, { ...place, offset: 42, committedAt: null })
  }
})

test('the time of a commit is read behind the words of the client', () => {
  const time = Buffer.alloc(8)
  time.writeBigInt64BE(1_700_000_000_123n)
  const head = (version: number) => valueBytes(42n, version).subarray(0, version < 3 ? 10 : 14)
  const words = 'w'.repeat(200)
  const values = [
    ...[1, 2, 3].map((version) => Buffer.concat([head(version), text(words), time, Buffer.alloc(8)])),
    Buffer.concat([head(4), Buffer.from([0xc9, 0x01]), Buffer.from(words), time, Buffer.from([0])]),
    Buffer.concat([head(4), Buffer.from([1]), time, Buffer.from([0])]),
  ]
  for (const value of values) {
    assert.equal(decodeCommit(keyOf('g', 't', 0), value)?.committedAt, 1_700_000_000_123)
  }
})

test('a tombstone tells that a position was let go', () => {
  assert.equal(decodeCommit(keyOf('g', 't', 0), null)?.offset, null)
})

test('what describes a group, or is not a position, is passed over', () => {
  assert.equal(decodeCommit(keyOf('g', 't', 0, 2), valueBytes(1n, 3)), null)
  assert.equal(decodeCommit(null, valueBytes(1n, 3)), null)
  assert.equal(decodeCommit(keyOf('g', 't', 0), valueBytes(-1n, 3)), null)
  assert.equal(decodeCommit(keyOf('g', 't', 0), Buffer.alloc(3)), null)
})

test('no bytes whatever make it throw', () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
  const key = fc.oneof(
    bytes,
    bytes.map((rest) => Buffer.concat([Buffer.from([0, 1]), rest])),
  )
  fc.assert(fc.property(key, fc.option(bytes), (one, other) => void decodeCommit(one, other)))
})
