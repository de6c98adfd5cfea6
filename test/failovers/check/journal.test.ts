import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScannedRecord } from '../../harness/java/client.ts'
import { compare, type Journal } from './journal.ts'

const journal: Journal = {
  writer: 'w',
  isOrdered: true,
  records: [0, 1, 2, 3].map((offset) => ({ partition: 0, outcome: 'acknowledged', offset })),
}
const record = (id: number, offset = id, partition = 0): ScannedRecord => {
  return { partition, offset, timestamp: 0, key: null, writer: 'w', id, transaction: 0, digest: `${id}` }
}

function receiptOf(
  records: number,
  more: { readonly atLeast?: boolean; readonly continuedAt?: number } = {},
) {
  const { atLeast = false, continuedAt = 2 } = more
  const lost = { records, bytes: 0, seconds: 0, atLeast }
  const partition = { topic: 't', mirror: 't', partition: 0, sourceEnd: 4, continuedAt, lost }
  return { lost, partitions: records === 0 ? [] : [partition] }
}

test('a loss that the receipt tells to the record is in order', () => {
  const { acknowledged, lostInAll, findings } = compare([journal], [record(0), record(1)], receiptOf(2))
  assert.deepEqual({ acknowledged, lostInAll, findings }, { acknowledged: 4, lostInAll: 2, findings: [] })
  const all = [0, 1, 2, 3].map((id) => record(id))
  assert.deepEqual(compare([journal], all, receiptOf(0)).findings, [])
})

test('anything else is a finding', () => {
  const two = [record(0), record(1)]
  const cases: readonly (readonly [
    string,
    readonly ScannedRecord[],
    ReturnType<typeof receiptOf>,
    RegExp,
  ])[] = [
    ['too few in the receipt', two, receiptOf(1), /receipt says 1, lost are 2/],
    ['too many', [...two, record(2)], receiptOf(2), /receipt says 2, lost are 1/],
    ['a lower bound', two, receiptOf(2, { atLeast: true }), /says at least 2/],
    ['elsewhere', two, receiptOf(2, { continuedAt: 3 }), /w 2 at 0\/2 is lost and not in the receipt/],
    ['twice', [...two, record(1, 5)], receiptOf(2), /1 records stand there twice/],
    ['moved', [record(0), record(1, 7)], receiptOf(2), /acknowledged at 0\/1, is at 7/],
    ['out of order', [record(1), record(0)], receiptOf(2), /0 stands behind a later one/],
  ]
  for (const [name, seen, receipt, expected] of cases)
    assert.match(compare([journal], seen, receipt).findings.join('\n'), expected, name)
  const refused: Journal = { ...journal, records: [{ partition: 0, outcome: 'refused', offset: -1 }] }
  assert.match(compare([refused], [record(0)], receiptOf(0)).findings.join(), /was refused and is there/)
})
