import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '../../wire/batch/build.ts'
import { visibleRecords } from './visible.ts'

function batch(...offsets: number[]): Buffer {
  const records = offsets.map((offset) => {
    return { offset, timestamp: 1_000, key: null, value: Buffer.from(`v${offset}`), headers: [] }
  })
  return buildBatch({ records })
}

function fetched(...batches: Buffer[]) {
  return { topic: 't', partition: 0, abortedTransactions: [], records: Buffer.concat(batches) }
}

test('only the part that was asked for is shown', () => {
  const { records, next } = visibleRecords(fetched(batch(10, 11, 12)), 11, 12)
  assert.deepEqual(
    records.map(({ offset, value }) => [offset, String(value)]),
    [[11, 'v11']],
  )
  assert.equal(next, 13)
})

test('a damaged batch is named, and none of its records are shown', () => {
  const damaged = batch(13, 14)
  damaged[damaged.length - 2]! ^= 0xff
  assert.throws(() => visibleRecords(fetched(batch(12), damaged), 12, 100), {
    code: 'BATCH_CRC_MISMATCH',
    message: /offset 13 of t-0/,
  })
})
