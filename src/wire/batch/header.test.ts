import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { buildBatch } from './build.ts'
import {
  codecOf,
  isControl,
  isLogAppendTime,
  isTransactional,
  iterateBatches,
  lastOffset,
  readBatchHeader,
  verifyCrc,
} from './header.ts'

const record = { timestamp: 1_700_000_000_000, value: Buffer.from('v') }

test('a header is read as it was written', () => {
  const batch = buildBatch({
    records: [
      { ...record, offset: 500 },
      { timestamp: record.timestamp + 9, offset: 507 },
    ],
    codec: 4,
    partitionLeaderEpoch: 12,
    producerId: 2 ** 40 + 1,
    producerEpoch: 3,
    baseSequence: 77,
    transactional: true,
    timestampType: 'LogAppendTime',
  })
  const header = readBatchHeader(Buffer.concat([Buffer.alloc(5), batch]), 5)
  assert.deepEqual(header, {
    baseOffset: 500,
    sizeBytes: batch.length,
    partitionLeaderEpoch: 12,
    magic: 2,
    crc: batch.readUInt32BE(17),
    attributes: 0x1c,
    lastOffsetDelta: 7,
    baseTimestamp: record.timestamp,
    maxTimestamp: record.timestamp + 9,
    producerId: 2 ** 40 + 1,
    producerEpoch: 3,
    baseSequence: 77,
    recordCount: 2,
  })
  assert.equal(lastOffset(header), 507)
  assert.equal(codecOf(header), 4)
  assert.ok(isTransactional(header) && isLogAppendTime(header) && !isControl(header))
})

test('batches are cut apart without copying, and an incomplete last one is left out', () => {
  const batches = [1, 2, 3].map((n) => buildBatch({ records: Array(n).fill(record), baseOffset: n * 10 }))
  const bytes = Buffer.concat(batches)
  const ends = batches.map((_, index) =>
    batches.slice(0, index + 1).reduce((sum, { length }) => sum + length, 0),
  )
  for (let size = 0; size <= bytes.length; size++) {
    const found = [...iterateBatches(bytes.subarray(0, size))]
    assert.equal(found.length, ends.filter((end) => end <= size).length, `cut at ${size}`)
    found.forEach(({ header, bytes: view }, index) => {
      assert.equal(header.baseOffset, (index + 1) * 10)
      assert.equal(view.buffer, bytes.buffer)
      assert.deepEqual(view, batches[index])
    })
  }
})

test('a wrong byte anywhere behind the CRC is noticed', () => {
  const batch = buildBatch({ records: [record] })
  assert.ok(verifyCrc(batch))
  for (let at = 17; at < batch.length; at++) {
    const damaged = Buffer.from(batch)
    damaged[at]! ^= 0x10
    assert.equal(verifyCrc(damaged), false, `byte ${at}`)
  }
  assert.equal(verifyCrc(batch.subarray(0, 60)), false)
})

test('old and unknown formats are refused by name', () => {
  for (const magic of [0, 1, 3, -1]) {
    const batch = buildBatch({ records: [record], baseOffset: 42 })
    batch.writeInt8(magic, 16)
    assertCode('BATCH_UNSUPPORTED_MAGIC', () => readBatchHeader(batch, 0))
    assertCode('BATCH_UNSUPPORTED_MAGIC', () => [...iterateBatches(batch)])
  }
})

test('headers that contradict themselves are refused', () => {
  const damage: [string, (batch: Buffer) => void][] = [
    ['BATCH_MALFORMED', (batch) => batch.writeInt32BE(-1, 8)],
    ['BATCH_MALFORMED', (batch) => batch.writeInt32BE(48, 8)],
    ['BATCH_MALFORMED', (batch) => batch.writeInt32BE(-1, 57)],
    ['BATCH_MALFORMED', (batch) => batch.writeInt32BE(-5, 23)],
    ['WIRE_INT64_UNSAFE', (batch) => batch.writeInt32BE(0x7f000000, 0)],
  ]
  for (const [code, change] of damage) {
    const batch = buildBatch({ records: [record] })
    change(batch)
    assertCode(code, () => [...iterateBatches(batch)])
  }
  assertCode('BATCH_TRUNCATED', () => readBatchHeader(Buffer.alloc(60), 0))
})

test('timestamps that no number holds do not stop a batch from being passed on', () => {
  const batch = buildBatch({ records: [record] })
  batch.writeBigInt64BE(1_700_000_000_000_000_000n, 27)
  assert.equal(readBatchHeader(batch, 0).baseTimestamp, 1_700_000_000_000_000_000)
})
