import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceiptRecord } from '../../link/state/intents.ts'
import { receiptMarkdown } from './markdown.ts'
import { receiptOfRun } from './of-run.ts'
import { boundedReceipt, type FailoverReceipt, failoverReceipt, RECEIPT_PARTITIONS_MAX } from './receipt.ts'
import { mergedReceipts, type Receipt } from './store.ts'

const AT = Date.UTC(2026, 10, 22, 3)
const nothing = { records: 0, bytes: 0, seconds: 0 }
const partition = (number: number, lost: FailoverReceipt['lost'] = nothing) => {
  return { topic: 'a|b', mirror: 'a|b', partition: number, sourceEnd: 5, continuedAt: 5, lost }
}

const receipt: FailoverReceipt = {
  id: 'r1',
  route: 'shop',
  plan: 'p1',
  kind: 'failover',
  from: 'seoul',
  to: 'osaka',
  by: { user: 'ann', host: 'desk' },
  outcome: 'done',
  startedAt: AT,
  endedAt: AT + 4_000,
  steps: [{ name: 'park', startedAt: AT, endedAt: AT + 300, note: 'of 2 gateways' }],
  lost: { records: 1_204, bytes: 9_000, seconds: 2.1 },
  partitions: [partition(0), partition(1, { records: null, bytes: null, seconds: null })],
  partitionsInAll: 3,
  rtoMs: 812,
  groups: [{ group: 'billing', positions: 2, reRead: null, text: 'as of 2 s before' }],
  verification: null,
  fence: null,
  directWriters: [],
  left: ['seoul has records that osaka lacks'],
}

test('a receipt is what it was after a way through the log', () => {
  assert.deepEqual(failoverReceipt.parse(JSON.parse(JSON.stringify(receipt))), receipt)
})

test('as a page it tells who, when, what it cost and what is left, and no name can break it', () => {
  const page = receiptMarkdown({ of: 'route', receipt })
  assert.match(page, /\| who \| ann@desk \|/)
  assert.match(page, /\| lost \(RPO\) \| 1,204 records, about 9,000 bytes, 2\.1 s \|/)
  assert.match(page, /\| not served \(RTO\) \| 812 ms \|/)
  assert.match(page, /\| a\\\|b-1 \| 5 \| 5 \| not known \|\n\| 1 more \| {2}\| {2}\| nothing \|/)
  assert.match(page, /## Left to do\n\n- seoul has records/)
})

test('of a run it tells what the run has noted, and what it did not find out is not known', () => {
  const steps = [{ name: 'open', startedAt: AT, endedAt: AT + 5, note: 'ok' }]
  const runner = { id: 'x', host: 'desk', pid: 1, user: 'ann' }
  const run = {
    route: 'shop',
    id: 'r',
    plan: 'p',
    step: 'receipt',
    steps,
    runner,
    claim: 1,
    state: 'running',
    at: AT + 9,
  } as const
  const lost = [
    { topic: 'orders', partition: 1, from: 7, to: 9, records: 2, bytes: 50, firstAt: AT - 1_500, lastAt: AT },
  ]
  const course = { from: 'seoul', to: 'osaka' }
  const known = receiptOfRun({ ...run, kind: 'failover', memo: { lost, partitions: 4 } }, course)
  assert.deepEqual(known.lost, { records: 2, bytes: 50, seconds: 1.5, atLeast: false })
  assert.deepEqual([known.partitionsInAll, known.outcome, known.rtoMs], [4, 'done', null])
  assert.ok(known.left.some((text) => text === 'seoul has 2 records that osaka lacks'))
  const unsure = receiptOfRun({ ...run, kind: 'failover', memo: { lost, atLeast: ['g1 is gone'] } }, course)
  assert.deepEqual([unsure.lost.records, unsure.lost.atLeast], [2, true])
  assert.ok(unsure.left.includes('more may be lost: g1 is gone'))
  assert.equal(receiptOfRun({ ...run, kind: 'failover', memo: { lost: null } }, course).lost.records, null)
  const switched = receiptOfRun({ ...run, kind: 'switchover', memo: { heldFrom: 1, heldTo: 5 } }, course)
  assert.deepEqual([switched.lost.records, switched.rtoMs, switched.left], [0, 4, []])
  assert.deepEqual(failoverReceipt.parse(JSON.parse(JSON.stringify(switched))), switched)
})

test('what does not fit is what lost nothing', () => {
  const many = Array.from({ length: RECEIPT_PARTITIONS_MAX + 5 }, (_, number) => partition(number))
  const lost = partition(9_999, { records: 1, bytes: 1, seconds: 1 })
  const bounded = boundedReceipt({ ...receipt, partitions: [...many, lost] })
  assert.equal(bounded.partitions.length, RECEIPT_PARTITIONS_MAX)
  assert.deepEqual(bounded.partitions.at(-1), lost)
  assert.ok(JSON.stringify(bounded).length < 512 * 1024)
})

test('both clusters keep a receipt, and it is listed once, the newest first', () => {
  const mirror: ReceiptRecord = {
    ...{ id: 'm1', link: 'dr', topic: 'orders', mirror: 'orders', verb: 'promote', by: receipt.by },
    ...{ requestedAt: AT, doneAt: AT + 9_000, text: 'orders was promoted', partitions: [] },
  }
  const route: Receipt = { of: 'route', receipt }
  const all = mergedReceipts([
    [route],
    [
      { of: 'mirror', receipt: mirror },
      { of: 'route', receipt: { ...receipt } },
    ],
  ])
  assert.deepEqual(
    all.map((one) => one.receipt.id),
    ['m1', 'r1'],
  )
  assert.match(receiptMarkdown(all[0]!), /^# Receipt m1\n\norders: orders was promoted/)
})
