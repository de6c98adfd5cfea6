import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { readRecords } from '../../wire/batch/records.ts'
import { decide } from './decide.ts'
import { type Piece, PieceQueue } from './piece.ts'
import { SourceEpochs } from './source-epochs.ts'
import { batch, controlBatch, fetched } from './testing/batches.ts'

function decided(
  records: Buffer[],
  position: number,
  aborted: { producerId: number; firstOffset: number }[] = [],
) {
  const queue = new PieceQueue()
  const result = decide(fetched(records, aborted), position, queue, new SourceEpochs())
  const pieces: Piece[] = []
  for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) pieces.push(piece)
  return { ...result, pieces, shapes: pieces.map((p) => `${p.kind} ${p.offset}+${p.count}`) }
}

test('dense batches pass as the bytes they are', () => {
  const bytes = batch({ offsets: [0, 1, 2] })
  const { pieces, position, recutBatches } = decided([bytes], 0)
  assert.equal(position, 3)
  assert.equal(recutBatches, 0)
  const [piece] = pieces
  assert.ok(piece?.kind === 'batch' && piece.bytes.equals(bytes))
})

test('a gap before, between and after: compacted offsets are filled', () => {
  const { shapes, position } = decided([batch({ offsets: [3, 4] }), batch({ offsets: [8] })], 0)
  assert.deepEqual(shapes, ['gap 0+3', 'batch 3+2', 'gap 5+3', 'batch 8+1'])
  assert.equal(position, 9)
})

test('holes inside a batch: it is cut into runs', () => {
  for (const codec of [0, 1, 2, 3, 4]) {
    const { shapes, recutBatches, pieces } = decided([batch({ offsets: [0, 1, 5, 9], codec })], 0)
    assert.deepEqual(shapes, ['batch 0+2', 'gap 2+3', 'batch 5+1', 'gap 6+3', 'batch 9+1'])
    assert.equal(recutBatches, 1)
    const run = pieces[2]
    assert.ok(run?.kind === 'batch')
    const [record] = [...readRecords(run.bytes)]
    assert.deepEqual([record?.value?.toString(), record?.timestamp, record?.offset], ['v5', 1_005, 5])
  }
})

test('a fetch from the middle of a batch: only the rest of it is taken', () => {
  const { shapes } = decided([batch({ offsets: [0, 1, 2, 3] })], 2)
  assert.deepEqual(shapes, ['batch 2+2'])
})

test('what is there already is passed over', () => {
  assert.deepEqual(decided([batch({ offsets: [0, 1] }), batch({ offsets: [2] })], 2).shapes, ['batch 2+1'])
})

test('a fetch that begins at the marker of an aborted transaction, before the position, ends it', () => {
  const records = [
    controlBatch(7, 9, 'ABORT'),
    batch({ offsets: [8, 9], producerId: 9, transactional: true }),
    controlBatch(10, 9, 'COMMIT'),
  ]
  const { shapes } = decided(records, 8, [{ producerId: 9, firstOffset: 5 }])
  assert.deepEqual(shapes, ['batch 8+2', 'gap 10+1'])
})

test('an aborted transaction is a gap up to its marker, the next one of the same producer is data', () => {
  const records = [
    batch({ offsets: [0, 1], producerId: 9, transactional: true }),
    batch({ offsets: [2], producerId: 4 }),
    batch({ offsets: [3], producerId: 9, transactional: true }),
    controlBatch(4, 9, 'ABORT'),
    batch({ offsets: [5], producerId: 9, transactional: true }),
    controlBatch(6, 9, 'COMMIT'),
  ]
  const { shapes, position } = decided(records, 0, [{ producerId: 9, firstOffset: 0 }])
  assert.deepEqual(shapes, ['gap 0+2', 'batch 2+1', 'gap 3+2', 'batch 5+1', 'gap 6+1'])
  assert.equal(position, 7)
})

test('a marker before the position ends its transaction: what follows of that producer is data', () => {
  const records = [controlBatch(4, 9, 'ABORT'), batch({ offsets: [5], producerId: 9, transactional: true })]
  assert.deepEqual(decided(records, 5, [{ producerId: 9, firstOffset: 2 }]).shapes, ['batch 5+1'])
})

test('an aborted transaction that begins later in the answer does not reach back', () => {
  const records = [
    batch({ offsets: [0], producerId: 9, transactional: true }),
    controlBatch(1, 9, 'COMMIT'),
    batch({ offsets: [2], producerId: 9, transactional: true }),
    controlBatch(3, 9, 'ABORT'),
  ]
  const { shapes } = decided(records, 0, [{ producerId: 9, firstOffset: 2 }])
  assert.deepEqual(shapes, ['batch 0+1', 'gap 1+3'])
})

test('a damaged batch that has to be opened never travels', () => {
  const bytes = batch({ offsets: [0, 5] })
  bytes[bytes.length - 2]! ^= 1
  assert.throws(
    () => decided([bytes], 0),
    (error) => error instanceof KmcError && error.code === 'CORRUPT_BATCH' && error.context.offset === 0,
  )
})

test('an incomplete batch at the end is left for the next fetch', () => {
  const second = batch({ offsets: [1] })
  const { shapes, position } = decided([batch({ offsets: [0] }), second.subarray(0, second.length - 3)], 0)
  assert.deepEqual(shapes, ['batch 0+1'])
  assert.equal(position, 1)
})
