import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paletteFor } from '../terminal/color.ts'
import { footLine, frameOf, plainLine } from './frame.ts'
import { Rates } from './rates.ts'
import type { Sample } from './sides.ts'
import { type StoryResult, verdicts } from './story.ts'

const clean = { acknowledged: 5, found: 5, lost: [], repeated: [], invented: [] }
const result: StoryResult = {
  verified: { link: 'dr', equal: true, records: 10, partitions: [], startedAt: 0, finishedAt: 1 },
  audits: { orders: clean, payments: clean },
  counts: { orders: 5, payments: 5, stock: 5, aborted: 2 },
  group: { source: 5, destination: 5 },
  kills: 1,
}

test('a clean run has nothing but good verdicts', () => {
  assert.ok(verdicts(result).every(({ good }) => good))
})

test('a lost, repeated or invented record and a position out of step are each a bad verdict', () => {
  const bad: Partial<StoryResult>[] = [
    { audits: { orders: { ...clean, found: 4, lost: ['a'] }, payments: clean } },
    { audits: { orders: clean, payments: { ...clean, found: 6, repeated: ['b'] } } },
    { audits: { orders: clean, payments: { ...clean, found: 6, invented: ['c'] } } },
    { group: { source: 5, destination: 4 } },
    { group: { source: null, destination: null } },
  ]
  for (const change of bad) assert.ok(verdicts({ ...result, ...change }).some(({ good }) => !good))
})

function sampleAt(at: number, source: number | null, destination: number | null): Sample {
  return { at, topics: [{ topic: 'orders', source, destination }], group: { source: null, destination: 3 } }
}

test('rates and lag come from what both sides say; what is not known is -', () => {
  const rates = new Rates()
  rates.note(sampleAt(0, 100, null))
  rates.note(sampleAt(2_000, 300, 280))
  const state = { link: null, elapsedMs: 2_000, durationMs: 30_000, group: 'shipping' }
  const frame = frameOf(sampleAt(2_000, 300, 280), rates, state)
  assert.deepEqual([frame.rows[0]!.written, frame.rows[0]!.mirrored], [100, null])
  assert.equal(plainLine(frame), '2 s  orders 300/280  group shipping -/3  lag - records - s  -/s')
  assert.equal(footLine(frame, paletteFor(false)), '2.0 s of 30 s')
})
