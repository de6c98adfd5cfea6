import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inOrder, SourceEpochs } from './source-epochs.ts'

const read = (...batches: readonly (readonly [epoch: number, from: number, to: number])[]) => {
  const epochs = new SourceEpochs()
  for (const batch of batches) epochs.note(...batch)
  return epochs
}

test('an epoch holds from its first batch to the next one’s', () => {
  const epochs = read([3, 10, 12], [3, 12, 13], [5, 13, 20])
  assert.deepEqual(
    [9, 10, 12, 13, 19, 20].map((offset) => epochs.at(offset)),
    [-1, 3, 3, 5, 5, -1],
  )
})

test('a hole between two batches of one epoch is of that epoch, else it is not known', () => {
  const epochs = read([3, 0, 5], [3, 8, 10], [4, 15, 16])
  assert.deepEqual(
    [6, 9, 12, 15].map((offset) => epochs.at(offset)),
    [3, 3, -1, 4],
  )
})

test('what is read again counts as it is read now', () => {
  const epochs = read([1, 0, 5], [2, 5, 9], [1, 3, 6])
  assert.deepEqual(
    [2, 5, 6].map((offset) => epochs.at(offset)),
    [1, 1, -1],
  )
})

test('what is kept is bounded, and the oldest goes first', () => {
  const epochs = new SourceEpochs()
  for (let epoch = 0; epoch < 1_000; epoch++) epochs.note(epoch, epoch, epoch + 1)
  assert.equal(epochs.at(0), -1)
  assert.equal(epochs.at(999), 999)
})

test('the next worker knows what one has noted, as far as the mirror goes and nobody else wrote it', () => {
  const before = read([3, 0, 5], [4, 8, 12], [6, 12, 20])
  const next = new SourceEpochs()
  next.restore(before.starts, { floor: 2, to: 10 })
  assert.deepEqual(
    [1, 2, 6, 9, 10, 15].map((offset) => next.at(offset)),
    [-1, 3, -1, 4, -1, -1],
  )
})

test('what was read again is known beyond it as before, and nothing of it has to be stored', () => {
  const before = read([3, 0, 5], [4, 5, 12])
  const next = new SourceEpochs()
  next.restore(before.starts, { floor: 0, to: 12 })
  next.note(3, 2, 5)
  next.note(4, 5, 9)
  assert.equal(next.at(11), 4)
  assert.equal(next.areStored, true)
  next.note(5, 12, 13)
  assert.equal(next.areStored, false)
  next.stored(next.starts)
  assert.equal(next.areStored, true)
})

test('of what several workers noted, in whatever order it lands, the newer epoch is right', () => {
  const zombie = { epoch: 6, from: 20, after: 18 }
  const list = [
    { epoch: 5, from: 0, after: 0 },
    { epoch: 7, from: 15, after: 15 },
  ]
  assert.deepEqual(inOrder([...list, zombie]), list)
  assert.deepEqual(inOrder([zombie, ...list.toReversed()]), list)
})
