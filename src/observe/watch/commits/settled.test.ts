import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '../../../wire/batch/build.ts'
import { settledBatches } from './settled.ts'

const PRODUCER = 7
const OTHER = 8

function batch(baseOffset: number, producerId = -1, transactional = false): Buffer {
  const producer = { producerId, producerEpoch: 0, baseSequence: 0, transactional }
  return buildBatch({
    records: [{ offset: baseOffset, timestamp: 1, key: null, value: null }],
    codec: 0,
    baseOffset,
    ...producer,
  })
}

/** A marker of KIP-98: key version 0, type 0 (abort) or 1 (commit). */
function marker(baseOffset: number, type: 0 | 1): Buffer {
  const record = {
    offset: baseOffset,
    timestamp: 1,
    key: Buffer.from([0, 0, 0, type]),
    value: Buffer.alloc(6),
  }
  const bytes = { records: [record], codec: 0 as const, baseOffset, producerId: PRODUCER, producerEpoch: 0 }
  return buildBatch({ ...bytes, baseSequence: -1, transactional: true, control: true })
}

test('what was aborted does not count, up to its marker; what others wrote between does', () => {
  const records = Buffer.concat([
    batch(0),
    batch(1, PRODUCER, true),
    batch(2, OTHER, true),
    batch(3),
    marker(4, 0),
    batch(5, PRODUCER, true),
    marker(6, 1),
  ])
  const abortedTransactions = [{ producerId: PRODUCER, firstOffset: 1 }]
  const seen = [...settledBatches({ records, abortedTransactions })]
  assert.deepEqual(
    seen.map(({ header, counts }) => [header.baseOffset, counts]),
    [
      [0, true],
      [1, false],
      [2, true],
      [3, true],
      [4, false],
      [5, true],
      [6, false],
    ],
  )
})

test('an empty answer has nothing', () => {
  assert.deepEqual([...settledBatches({ records: null, abortedTransactions: [] })], [])
})
