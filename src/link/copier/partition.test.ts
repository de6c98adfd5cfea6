import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBatchHeader } from '../../wire/batch/header.ts'
import { PartitionCopier, type Sending } from './partition.ts'
import { batch, controlBatch, fetched } from './testing/batches.ts'

const writer = { producerId: 7, producerEpoch: 0 }

function copierAt(end: number, nextSequence = 0): PartitionCopier {
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  copier.recovered({ end, nextSequence })
  return copier
}

function feed(copier: PartitionCopier, ...offsets: number[][]): void {
  copier.accept(fetched(offsets.map((run) => batch({ offsets: run }))), copier.incarnation)
}

function take(copier: PartitionCopier): Sending & { kind: 'batch' } {
  const sending = copier.takeBatch()
  assert.equal(sending?.kind, 'batch')
  return sending as Sending & { kind: 'batch' }
}

test('batches leave with the writer of the link and running sequences', () => {
  const copier = copierAt(5, 40)
  feed(copier, [5, 6, 7], [8])
  const [a, b] = [take(copier), take(copier)]
  assert.deepEqual([a.offset, b.offset], [5, 8])
  const [first, second] = [readBatchHeader(a.bytes, 0), readBatchHeader(b.bytes, 0)]
  assert.deepEqual([first.producerId, first.baseSequence, first.baseOffset], [7, 40, 0])
  assert.equal(second.baseSequence, 43)
  copier.acknowledge(a)
  assert.equal(copier.confirmed, 8)
  copier.acknowledge(b)
  assert.equal(copier.confirmed, 9)
})

test('sequences go on at 0 after 2^31 - 1', () => {
  const copier = copierAt(0, 2 ** 31 - 1)
  feed(copier, [0], [1])
  assert.equal(readBatchHeader(take(copier).bytes, 0).baseSequence, 2 ** 31 - 1)
  assert.equal(readBatchHeader(take(copier).bytes, 0).baseSequence, 0)
})

test('a gap waits until nothing is in flight, and data waits for the gap', () => {
  const copier = copierAt(0)
  feed(copier, [0], [5])
  const data = take(copier)
  assert.equal(copier.takeGap(1000), null)
  copier.acknowledge(data)
  const gap = copier.takeGap(1000)
  assert.deepEqual([gap?.offset, gap?.count], [1, 4])
  assert.equal(copier.takeBatch(), null)
  copier.acknowledge(gap!)
  assert.equal(take(copier).offset, 5)
})

test('a gap may be filled in parts', () => {
  const copier = copierAt(0)
  feed(copier, [10])
  const part = copier.takeGap(1)!
  assert.deepEqual([part.offset, part.count], [0, 1])
  copier.acknowledge(part)
  const rest = copier.takeGap(1000)!
  assert.deepEqual([rest.offset, rest.count], [1, 9])
})

test('after a failure nothing is sent until all answers are in and the position was read again', () => {
  const copier = copierAt(0)
  feed(copier, [0], [1], [2])
  const [a, b] = [take(copier), take(copier)]
  copier.fail(a)
  assert.equal(copier.phase, 'draining')
  assert.equal(copier.takeBatch(), null)
  copier.recovered({ end: 0, nextSequence: 0 })
  assert.equal(copier.phase, 'draining', 'a position read while something was in flight does not count')
  copier.acknowledge(b)
  assert.equal(copier.phase, 'recovering')
  assert.equal(copier.confirmed, 0, 'an answer of before the failure proves nothing')
  copier.recovered({ end: 1, nextSequence: 1 })
  assert.deepEqual([copier.phase, copier.fetchOffset], ['copying', 1])
})

test('what was fetched for an earlier incarnation is not taken', () => {
  const copier = copierAt(0)
  const { incarnation } = copier
  copier.recover()
  copier.recovered({ end: 3, nextSequence: 3 })
  copier.accept(fetched([batch({ offsets: [0, 1, 2] })]), incarnation)
  assert.equal(copier.queue.length, 0)
})

test('a stopped copier stays stopped whatever still arrives', () => {
  const copier = copierAt(0)
  feed(copier, [0])
  const sending = take(copier)
  copier.stop()
  copier.fail(sending)
  copier.recovered({ end: 1, nextSequence: 1 })
  assert.equal(copier.phase, 'stopped')
})

test('memory is held for what waits or is on its way, and never released where its fate is unknown', () => {
  let held = 0
  const memory = { hold: () => void held++, release: () => void held-- }
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer, memory)
  copier.recovered({ end: 0, nextSequence: 0 })
  feed(copier, [0], [1], [2], [3])
  const [landed, lost, late] = [take(copier), take(copier), take(copier)]
  assert.equal(held, 4)
  copier.acknowledge(landed)
  assert.equal(held, 3)
  copier.fail(lost)
  assert.equal(held, 2, 'what waited was dropped, what was lost is not released')
  copier.acknowledge(late)
  assert.equal(held, 1, 'answered, if too late to count')
})

test('while the leader knows nothing of the writer, a second batch waits for the answer of the first', () => {
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  copier.recovered({ end: 0, nextSequence: 7, unguarded: true })
  feed(copier, [0], [1], [2])
  const first = take(copier)
  assert.equal(copier.takeBatch(), null)
  copier.acknowledge(first)
  assert.deepEqual([take(copier).offset, take(copier).offset], [1, 2])
})

test('a marker that fences has a higher epoch than any before, and data follow the epoch that recovery reads', () => {
  const copier = copierAt(0)
  feed(copier, [1])
  const gap = copier.takeGap(1, { fences: true })!
  assert.deepEqual([gap.kind, 'producerEpoch' in gap && gap.producerEpoch], ['gap', 1])
  copier.fail(gap)
  copier.recovered({ end: 0, nextSequence: 3, producerEpoch: 0 })
  feed(copier, [1])
  const again = copier.takeGap(1, { fences: true })!
  assert.equal('producerEpoch' in again && again.producerEpoch, 2, 'the first may still arrive')
  copier.acknowledge(again)
  copier.recover()
  copier.recovered({ end: 1, nextSequence: 0, producerEpoch: 2 })
  feed(copier, [1])
  const { producerEpoch, baseSequence } = readBatchHeader(take(copier).bytes, 0)
  assert.deepEqual([producerEpoch, baseSequence], [2, 0])
})

test('what was read of the source is known by its leader epoch also after a recovery', () => {
  const copier = copierAt(0)
  feed(copier, [0], [1, 2], [3])
  assert.equal(copier.lastEpoch, 0)
  const tail = batch({ offsets: [1, 2] })
  copier.recover()
  copier.recovered({ end: 3, nextSequence: 3, tail })
  assert.deepEqual([copier.fetchOffset, copier.lastEpoch], [1, 0])
  const other = batch({ offsets: [1, 2] })
  other.writeInt32BE(4, 12)
  assert.throws(() => copier.accept(fetched([other]), copier.incarnation), { code: 'SOURCE_TRUNCATED' })
})

test('a tail is compared as far as the source still has it', () => {
  const copier = copierAt(0)
  copier.recover()
  copier.recovered({ end: 6, nextSequence: 6, tail: batch({ offsets: [3, 4, 5] }) })
  assert.equal(copier.fetchOffset, 3)
  copier.compareFrom(5)
  assert.equal(copier.fetchOffset, 5)
  copier.compareFrom(6)
  assert.equal(copier.fetchOffset, 6)
})

test('where epochs are kept nothing is sent before they are stored, and the next worker knows them', () => {
  const copier = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  copier.recovered({ end: 0, nextSequence: 0, epochs: [] })
  feed(copier, [0], [2])
  assert.equal(copier.takeBatch(), null)
  const { starts } = copier.epochs
  copier.epochs.stored(starts)
  assert.equal(take(copier).offset, 0)
  const next = new PartitionCopier({ topic: 't', partition: 0 }, writer)
  // Nothing but markers at its end that could be compared.
  next.recovered({ end: 3, nextSequence: 2, epochs: starts, tail: null })
  assert.equal(next.lastEpoch, 0)
})

test('markers over records of a source that is as it was are the mirror’s fault, however far apart they stand', () => {
  const copier = copierAt(0)
  feed(copier, [3, 4])
  copier.recover()
  const markers = { end: 5, nextSequence: 0, tail: controlBatch(0, 7, 'COMMIT'), markersFrom: 0 }
  copier.recovered(markers)
  assert.equal(copier.fetchOffset, 0)
  // Nothing differs in what the first answer has.
  copier.accept(fetched([controlBatch(1, 9, 'ABORT')]), copier.incarnation)
  assert.equal(copier.fetchOffset, 2)
  const again = fetched([batch({ offsets: [3, 4] })])
  assert.throws(() => copier.accept(again, copier.incarnation), { code: 'DIVERGED' })
})
