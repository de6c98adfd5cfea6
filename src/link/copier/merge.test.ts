import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readBatchHeader } from '../../wire/batch/header.ts'
import { type RecordView, readRecords } from '../../wire/batch/records.ts'
import { merging } from './merge.ts'
import { PartitionCopier, type Sending } from './partition.ts'
import { batch, fetched } from './testing/batches.ts'

const writer = { producerId: 7, producerEpoch: 0 }

/** Everything that a partition sends of these batches, answered at once. */
function sendAll(batches: readonly Buffer[]) {
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  copier.recovered({ end: 0, nextSequence: 0 })
  copier.accept(fetched(batches), copier.incarnation)
  const sent: Sending[] = []
  for (;;) {
    const sending = copier.takeBatch() ?? copier.takeGap(1_000)
    if (sending === null) break
    copier.acknowledge(sending)
    sent.push(sending)
  }
  return { copier, sent }
}

const offsetsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index)
const seen = ({ offset, timestamp, key, value, headers }: RecordView) => ({
  offset,
  timestamp,
  key: key?.toString() ?? null,
  value: value?.toString() ?? null,
  headers,
})

/** The records as a reader of the destination sees them: the log gives each batch its offset. */
function recordsOf(sent: readonly Sending[]) {
  return sent.flatMap((sending) => {
    if (sending.kind === 'gap') return []
    return [...readRecords(sending.bytes)].map((record) =>
      seen({ ...record, offset: record.offset + sending.offset }),
    )
  })
}

test('whatever the batches and their holes: the same records at the same offsets, in fewer batches', () => {
  const shape = fc.array(
    fc.record({
      count: fc.integer({ min: 1, max: 5 }),
      hole: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 2),
      codec: fc.constantFrom(0, 0, 0, 0, 3),
    }),
    { minLength: 1, maxLength: 120 },
  )
  fc.assert(
    fc.property(shape, (parts) => {
      let next = 0
      const batches = parts.map(({ count, hole, codec }) => {
        const offsets = offsetsFrom(next + hole, count)
        next += hole + count
        return batch({ offsets, codec })
      })
      const before = batches.flatMap((bytes) => [...readRecords(bytes)].map(seen))
      const { copier, sent } = sendAll(batches)
      assert.deepEqual(recordsOf(sent), before)
      assert.equal(copier.confirmed, next)
      const wholes = sent.filter(({ kind }) => kind === 'batch')
      assert.equal(wholes.length === batches.length, copier.mergedBatches === 0)
      let sequence = 0
      for (const sending of wholes) {
        const header = readBatchHeader((sending as { bytes: Buffer }).bytes, 0)
        assert.deepEqual([header.baseSequence, header.recordCount], [sequence, header.lastOffsetDelta + 1])
        sequence += header.recordCount
      }
    }),
  )
})

test('a hundred batches of one record go over as one', () => {
  const { copier, sent } = sendAll(offsetsFrom(0, 100).map((offset) => batch({ offsets: [offset] })))
  assert.equal(sent.length, 1)
  assert.equal(copier.mergedBatches, 100)
})

test('few waiting batches, large ones, and other codecs in between are left as they are', () => {
  const few = sendAll(offsetsFrom(0, merging.waitingMin - 1).map((offset) => batch({ offsets: [offset] })))
  assert.equal(few.copier.mergedBatches, 0)
  const large = offsetsFrom(0, 40).map((index) => batch({ offsets: offsetsFrom(index * 1_000, 1_000) }))
  assert.equal(sendAll(large).copier.mergedBatches, 0)
  const mixed = offsetsFrom(0, 40).map((offset) => batch({ offsets: [offset], codec: offset % 2 }))
  assert.equal(sendAll(mixed).copier.mergedBatches, 0)
})

test('aborted records and markers between end a run', () => {
  const aborted = batch({ offsets: [20], producerId: 9, transactional: true })
  const batches = [
    ...offsetsFrom(0, 20).map((offset) => batch({ offsets: [offset] })),
    aborted,
    ...offsetsFrom(21, 20).map((offset) => batch({ offsets: [offset] })),
  ]
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  copier.recovered({ end: 0, nextSequence: 0 })
  copier.accept(fetched(batches, [{ producerId: 9, firstOffset: 20 }]), copier.incarnation)
  const first = copier.takeBatch()!
  assert.deepEqual([first.offset, first.count], [0, 20])
  assert.equal(copier.takeBatch(), null, 'the gap comes first')
})

test('a damaged batch is never merged: it goes alone, for the destination to refuse', () => {
  const batches = offsetsFrom(0, 40).map((offset) => batch({ offsets: [offset] }))
  const bad = batches[20]!
  bad[bad.length - 2]! ^= 1
  const { sent } = sendAll(batches)
  const alone = sent.find(({ offset }) => offset === 20)
  assert.equal(alone?.count, 1)
})

test('memory of merged batches is let go once, and nothing is held at the end', () => {
  let held = 0
  const memory = { hold: () => void held++, release: () => void held-- }
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer, memory)
  copier.recovered({ end: 0, nextSequence: 0 })
  copier.accept(fetched(offsetsFrom(0, 50).map((offset) => batch({ offsets: [offset] }))), copier.incarnation)
  assert.equal(held, 50)
  const sending = copier.takeBatch()!
  assert.equal(held, 1, 'the merged batch alone')
  copier.acknowledge(sending)
  assert.deepEqual([held, copier.heldBytes], [0, 0])
})
