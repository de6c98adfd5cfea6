import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '../../wire/batch/build.ts'
import type { Fetched } from '../port.ts'
import { visibleRecords } from './visible.ts'

function fetched(records: Buffer): Fetched {
  return {
    topic: 'orders',
    partition: 1,
    errorCode: 0,
    logStartOffset: 0,
    lastStableOffset: 100,
    abortedTransactions: [],
    records,
  }
}

const batch = (baseOffset: number) =>
  buildBatch({
    baseOffset,
    codec: 0,
    records: ['a', 'b', 'c'].map((value) => ({ timestamp: 1, value: Buffer.from(value) })),
  })

test('only the part that was asked for is shown', () => {
  const { records, next } = visibleRecords(fetched(batch(10)), 11, 12)
  assert.deepEqual(
    records.map(({ offset, value }) => [offset, String(value)]),
    [[11, 'b']],
  )
  assert.equal(next, 13)
})

test('a damaged batch is named, and none of its records are shown', () => {
  const bytes = Buffer.concat([batch(10), batch(13)])
  bytes[bytes.length - 2]! ^= 0xff
  assert.throws(() => visibleRecords(fetched(bytes), 10, 100), {
    code: 'BATCH_CRC_MISMATCH',
    message: /offset 13 of orders-1/,
  })
})
