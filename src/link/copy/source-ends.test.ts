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

test('a backlog of before the first look is dated by its oldest record, or unknown', () => {
  const ends = new SourceEnds()
  ends.note(copier, 10, 1_000)
  assert.equal(ends.behindMs(copier, 5, null, 2_000), null)
  assert.equal(ends.behindMs(copier, 5, 500, 2_000), 1_500)
})

test('what appears after a long rest is as late as it is old, and not as late as the rest', () => {
  const ends = new SourceEnds()
  ends.note(copier, 10, 0)
  ends.note(copier, 10, 3_600_000)
  assert.equal(ends.behindMs(copier, 10, 1, 3_600_000), 0)
  ends.note(copier, 11, 3_601_000)
  ends.note(copier, 11, 3_604_000)
  assert.equal(ends.behindMs(copier, 10, 1, 3_604_000), 3_000)
})

test('growth within a second of the last look is not taken for younger than it is', () => {
  const ends = new SourceEnds()
  ends.note(copier, 10, 0)
  ends.note(copier, 11, 400)
  for (let at = 500; at <= 900; at += 100) ends.note(copier, 11, at)
  assert.equal(ends.behindMs(copier, 10, null, 900), 500)
})

test('a lag of hours is dated by when the source was seen, whatever the records say, and in bounded memory', () => {
  const late = new PartitionCopier({ topic: 't', partition: 0 }, { producerId: 1, producerEpoch: 0 })
  late.recovered({ end: 5, nextSequence: 0 })
  const ends = new SourceEnds()
  ends.note(late, 5, 0)
  for (let second = 1; second <= 7_200; second++) ends.note(late, 5 + second, second * 1_000)
  const seen = ends.behindMs(late, 5, Date.UTC(1999, 0), 7_200_000)
  assert.ok(seen !== null && seen > 7_000_000 && seen <= 7_200_000, `${seen}`)
  const halfway = ends.behindMs(late, 3_605, null, 7_200_000)
  assert.ok(halfway !== null && Math.abs(halfway - 3_600_000) < 120_000, `${halfway}`)
})
