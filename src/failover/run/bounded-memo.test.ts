import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boundedMemo, MEMO_ENTRIES_MAX } from './bounded-memo.ts'
import { emptyMemo, type LostPartition } from './memo.ts'

const RECORD_MAX = 1024 * 1024
const TOPIC = 'a topic with a long name'.repeat(8)

function lostAt(partition: number): LostPartition {
  const counts = { records: partition, bytes: 10, byLeader: 0, open: 0, aborted: 0, unaccounted: 0 }
  const times = { firstAt: 1_000 + partition, lastAt: 2_000 + partition }
  return { topic: TOPIC, partition, from: 0, to: 9, ...counts, ...times, isShort: false }
}

test('a loss in more partitions than fit is summed up, the worst are named', () => {
  const lost = Array.from({ length: 4_500 }, (_, partition) => lostAt(partition))
  const clamped = lost.map(({ topic, partition, from, to }) => ({
    group: 'g',
    topic,
    partition,
    from: to,
    to: from,
  }))
  const bounded = boundedMemo({ ...emptyMemo, lost, clamped })
  assert.ok(JSON.stringify(bounded).length < RECORD_MAX)
  assert.deepEqual([bounded.lost!.length, bounded.lost![0]!.partition], [MEMO_ENTRIES_MAX, 4_499])
  const { records, partitions, firstAt, lastAt } = bounded.lostMore!
  assert.equal(partitions, 4_500 - MEMO_ENTRIES_MAX)
  const named = bounded.lost!.reduce((sum, one) => sum + one.records, 0)
  assert.equal(named + records, (4_499 * 4_500) / 2)
  assert.deepEqual([firstAt, lastAt], [1_000, 2_000 + 4_499 - MEMO_ENTRIES_MAX])
  assert.deepEqual(boundedMemo(bounded), bounded)
})

test('names that are long take the room of entries', () => {
  const clamped = Array.from({ length: 600 }, (_, partition) => {
    return { group: 'g'.repeat(20_000), topic: TOPIC, partition, from: 9 + partition, to: 0 }
  })
  const bounded = boundedMemo({ ...emptyMemo, clamped })
  assert.ok(JSON.stringify(bounded).length < RECORD_MAX)
  assert.equal(bounded.clamped[0]!.partition, 599)
})

test('what fits stays as it is', () => {
  const memo = { ...emptyMemo, lost: [lostAt(1), lostAt(2)] }
  assert.deepEqual(boundedMemo(memo), memo)
})
