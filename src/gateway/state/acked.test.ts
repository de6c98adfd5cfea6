import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildBatch } from '../../wire/batch/build.ts'
import { ACKED_BATCHES_MAX } from '../limits.ts'
import { Acked } from './acked.ts'

type Batch = {
  readonly records: number
  readonly acks?: number
  readonly transaction?: { readonly producerId: number; readonly producerEpoch: number }
}

function batch({ records, acks = -1, transaction }: Batch, topic = 'orders') {
  const list = Array.from({ length: records }, () => ({ timestamp: 1, key: null, value: Buffer.from('v') }))
  const producer = transaction === undefined ? {} : { ...transaction, baseSequence: 0, transactional: true }
  const bytes = buildBatch({ records: list, ...producer })
  return { topic, partition: 1, batchHead: bytes.subarray(0, 61), acks, bytes: bytes.length }
}

let now = 1_000
const acked = () => new Acked(() => now)
const ends = (end: number) => ({ orders: [0, end] })

test('what was acknowledged at the end of a mirror and behind it is told by record, byte and time', () => {
  const book = acked()
  const one = batch({ records: 3 })
  book.take(one, 10)
  now = 2_000
  book.take(batch({ records: 2, acks: 1 }), 13)
  now = 3_500
  book.take(one, 20)
  const found = book.after(ends(13)).topics.orders!
  const bytes = batch({ records: 2 }).bytes + one.bytes
  const part = { partition: 1, aborted: 0, open: 0, isShort: false }
  assert.deepEqual(found, [
    { ...part, end: 23, records: 5, bytes, byLeader: 2, firstAt: 2_000, lastAt: 3_500 },
  ])
  assert.deepEqual(book.after(ends(23)), { since: null, topics: {}, elsewhere: {}, unanswered: [] })
  assert.equal(book.after(ends(21)).topics.orders![0]!.records, 2, 'a mirror may end within a batch')
})

test('a batch that was acknowledged twice is one batch', () => {
  const book = acked()
  for (const offset of [10, 13, 10]) book.take(batch({ records: 3 }), offset)
  assert.equal(book.after(ends(11)).topics.orders![0]!.records, 5)
})

test('of transactions only those count whose commit was acknowledged', () => {
  const book = acked()
  const by = (producerId: number, producerEpoch = 0) => ({ transaction: { producerId, producerEpoch } })
  book.take(batch({ records: 1, ...by(7) }), 0)
  book.ended(7, 'committed')
  book.take(batch({ records: 2, ...by(7) }), 2)
  book.ended(7, 'aborted')
  book.take(batch({ records: 4, ...by(8) }), 5)
  // Another process of the same id began anew: what the first one had open was given up.
  book.take(batch({ records: 8, ...by(8, 1) }), 10)
  book.ended(8, 'committed')
  book.take(batch({ records: 16, ...by(7) }), 20)
  const [found] = book.after(ends(0)).topics.orders!
  assert.deepEqual([found!.records, found!.aborted, found!.open, found!.end], [9, 2, 20, 36])
})

test('topics without a mirror and records that nobody asked an answer for are named', () => {
  const book = acked()
  book.take(batch({ records: 2 }, 'audit'), 5)
  book.passedUnanswered([batch({ records: 1, acks: 0 }, 'clicks')])
  const { elsewhere, unanswered, topics } = book.after(ends(0))
  assert.deepEqual([elsewhere, unanswered, topics], [{ audit: 2 }, ['clicks'], {}])
})

test('it is bounded, and says of each partition whether it reaches back far enough', () => {
  const book = acked()
  const one = batch({ records: 1 })
  book.take(batch({ records: 2 }, 'quiet'), 0)
  for (let offset = 0; offset < ACKED_BATCHES_MAX + 9; offset++) book.take(one, offset)
  const at = (end: number) => book.after({ orders: [0, end], quiet: [0, 1] })
  const [all] = at(0).topics.orders!
  assert.deepEqual([all!.records, all!.end, all!.isShort], [ACKED_BATCHES_MAX, ACKED_BATCHES_MAX + 9, true])
  assert.equal(at(9).topics.orders![0]!.isShort, false)
  assert.equal(at(9).topics.orders![0]!.records, ACKED_BATCHES_MAX)
  const { records, isShort, end } = at(9).topics.quiet![0]!
  assert.deepEqual([records, isShort, end], [0, true, 1])
})

test('after a move it begins anew, and knows all that the next cluster acknowledged', () => {
  const book = acked()
  book.take(batch({ records: 2 }), 0)
  book.beginAnew()
  assert.deepEqual(book.after(ends(0)), { since: null, topics: {}, elsewhere: {}, unanswered: [] })
  book.take(batch({ records: 1 }), 7)
  assert.equal(book.after(ends(0)).topics.orders![0]!.records, 1)
})
