import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionVerdict } from '../../../link/verify/report.ts'
import { verdictOf } from './verify.ts'

function partition(number: number, more: Partial<PartitionVerdict> = {}): PartitionVerdict {
  return {
    ...{
      topic: 'orders',
      mirror: 'orders',
      partition: number,
      from: 0,
      to: 9,
      compared: 'records',
      records: 9,
    },
    ...{ equal: true, firstDifference: null, sourceDigest: '', mirrorDigest: '', problem: null, ...more },
  }
}

const unread = partition(1, { equal: false, problem: 'Fetch was not answered' })

test('a partition that could not be read is no difference', () => {
  const { equal, text } = verdictOf({ records: 9, partitions: [partition(0), unread] }, 'dr')
  assert.equal(equal, null)
  assert.match(text, /^orders-1 could not be compared, run kmc verify dr: Fetch was not answered$/)
})

test('a difference is one, whatever else could not be read', () => {
  const differs = partition(2, { equal: false, firstDifference: 7 })
  const verdict = verdictOf({ records: 9, partitions: [unread, differs] }, 'dr')
  assert.deepEqual(verdict, { equal: false, text: 'orders-2 differs from offset 7 on' })
  assert.equal(verdictOf({ records: 9, partitions: [partition(0)] }, 'dr').equal, true)
})
