import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PartitionCopier } from '../copier/partition.ts'
import { SourceEnds } from './source-ends.ts'

const copier = new PartitionCopier({ topic: 't', partition: 0 }, { producerId: 1, producerEpoch: 0 })

test('seconds count from when the source first held what the mirror lacks', () => {
  const ends = new SourceEnds()
  assert.equal(ends.behindMs(copier, 0, null, 0), null)
  ends.note(copier, 10, 0)
  ends.note(copier, 20, 5_000)
  ends.note(copier, 30, 9_000)
  assert.equal(ends.behindMs(copier, 30, null, 10_000), 0)
  assert.equal(ends.behindMs(copier, 25, null, 10_000), 1_000)
  assert.equal(ends.behindMs(copier, 15, null, 10_000), 5_000)
})

test('a backlog of before the first look is dated by the newest record that has arrived, or unknown', () => {
  const ends = new SourceEnds()
  ends.note(copier, 10, 1_000)
  assert.equal(ends.behindMs(copier, 5, null, 2_000), null)
  assert.equal(ends.behindMs(copier, 5, 500, 2_000), 1_500)
})
