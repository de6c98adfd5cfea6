import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FailoverReceipt } from '../../failover/receipt/receipt.ts'
import { paletteFor } from '../terminal/color.ts'
import { footLine, frameOf, plainLine } from './frame.ts'
import type { PrimaryLost } from './lose-primary.ts'
import { Rates } from './rates.ts'
import type { Sample } from './sides.ts'
import type { StoryResult } from './story.ts'
import { verdicts } from './verdicts.ts'

const clean = { acknowledged: 5, found: 5, lost: [], repeated: [], invented: [] }
const group = { group: 'shipping', source: 5, destination: 5, missed: 0, again: 0 }
const result: StoryResult = {
  verified: { link: 'dr', equal: true, records: 10, partitions: [], startedAt: 0, finishedAt: 1 },
  audits: { orders: clean, payments: clean },
  counts: { orders: 5, payments: 5, stock: 5, aborted: 2 },
  groups: [group],
  kills: 1,
  primaryLost: null,
}
const amount = { records: 0, bytes: 0, seconds: 0 }
const receipt: FailoverReceipt = {
  ...{ id: '3f2a91c0-1', route: 'shop', plan: null, kind: 'failover', from: 'seoul', to: 'virginia' },
  ...{ by: { user: 'ann', host: 'desk' }, outcome: 'done', startedAt: 0, endedAt: 1, steps: [] },
  ...{
    lost: amount,
    partitions: [],
    partitionsInAll: 10,
    rtoMs: 800,
    groups: [],
    verification: null,
    fence: null,
  },
  ...{ directWriters: [], left: [] },
}
const primaryLost: PrimaryLost = {
  ...{ writersWaitedMs: 3_000, fromCommandMs: 900, connections: 9, openedAnew: 0, refused: 0, receipt },
}
const one = { topic: 'orders', mirror: 'orders', partition: 0, sourceEnd: 2, continuedAt: 0 }
const lostOne = { ...one, lost: { records: 1, bytes: 90, seconds: null } }

test('a clean run has nothing but good verdicts, with a failover and without', () => {
  const away = [{ ...group, source: null }]
  for (const run of [result, { ...result, groups: away, primaryLost }]) {
    assert.ok(verdicts(run).every(({ good }) => good))
  }
})

test('a lost, repeated or invented record and a position out of step are each a bad verdict', () => {
  const bad: Partial<StoryResult>[] = [
    { audits: { orders: { ...clean, found: 4, lost: ['a'] }, payments: clean } },
    { audits: { orders: clean, payments: { ...clean, found: 6, repeated: ['b'] } } },
    { audits: { orders: clean, payments: { ...clean, found: 6, invented: ['c'] } } },
    { groups: [{ ...group, destination: 4 }] },
    { groups: [{ ...group, source: null, destination: null }] },
    { groups: [{ ...group, missed: 1 }] },
  ]
  for (const change of bad) assert.ok(verdicts({ ...result, ...change }).some(({ good }) => !good))
})

test('what a crash loses is what the receipt says, or the verdict is bad', () => {
  const audits = { orders: { ...clean, found: 4, lost: ['a'] }, payments: clean }
  const told = { ...receipt, lost: lostOne.lost, partitions: [lostOne] }
  const unknown = { ...receipt, lost: { records: null, bytes: null, seconds: null } }
  const atLeast = { ...receipt, lost: { ...amount, atLeast: true } }
  const isGood = (kept: FailoverReceipt | null) =>
    verdicts({ ...result, audits, primaryLost: { ...primaryLost, receipt: kept } }).every(({ good }) => good)
  assert.deepEqual([told, unknown, atLeast, receipt, null].map(isGood), [true, true, true, false, false])
})

test('a shop that never went on is a bad verdict', () => {
  const stuck = { ...primaryLost, fromCommandMs: null }
  assert.ok(verdicts({ ...result, primaryLost: stuck }).some(({ good }) => !good))
})

function sampleAt(at: number, source: number | null, destination: number | null): Sample {
  const groups = [{ group: 'shipping', source: null, destination: 3 }]
  return { at, topics: [{ topic: 'orders', source, destination }], groups }
}

test('rates and lag come from what both sides say; what is not known is -', () => {
  const rates = new Rates()
  rates.note(sampleAt(0, 100, null))
  rates.note(sampleAt(2_000, 300, 280))
  const state = { link: null, route: null, elapsedMs: 2_000, durationMs: 30_000 }
  const frame = frameOf(sampleAt(2_000, 300, 280), rates, state)
  assert.deepEqual([frame.rows[0]!.written, frame.rows[0]!.mirrored], [100, null])
  assert.equal(plainLine(frame), '2 s  orders 300/280  group shipping -/3  lag - records - s  -/s')
  assert.equal(footLine(frame, paletteFor(false)), '2.0 s of 30 s')
})

test('without its source a topic is written where it is', () => {
  const rates = new Rates()
  rates.note(sampleAt(0, null, 100))
  rates.note(sampleAt(1_000, null, 150))
  const state = { link: null, route: null, elapsedMs: 1_000, durationMs: null }
  const { written, mirrored } = frameOf(sampleAt(1_000, null, 150), rates, state).rows[0]!
  assert.deepEqual([written, mirrored], [50, null])
})
