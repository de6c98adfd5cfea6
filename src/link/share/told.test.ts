import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fault } from '../errors.ts'
import { decodeChange, encodeChange } from '../state/records.ts'
import { type ReportRecord, toldOf } from '../state/reports.ts'
import { StateView } from '../state/view.ts'
import { Told } from './told.ts'

const waits = { ...fault('DESTINATION_STORAGE', 'orders-1: the disk is full', { partition: 1 }), since: 5 }
const report = (worker: string, more: Partial<ReportRecord> = {}): ReportRecord => ({
  ...{
    link: 'dr',
    worker,
    generation: 3,
    fault: null,
    faults: [],
    behind: [],
    groups: [],
    obeyed: [],
    cut: false,
  },
  ...more,
})

test('what workers tell in this generation is found by partition, with the remedy of the table', () => {
  const told = new Told(
    [
      report('a/1', { faults: [{ topic: 'orders', partition: 1, stands: false, fault: toldOf(waits) }] }),
      report('b/2', {
        generation: 2,
        faults: [{ topic: 'orders', partition: 2, stands: true, fault: toldOf(waits) }],
      }),
    ],
    3,
  )
  assert.deepEqual(told.faultOf('orders', 1), { fault: waits, stands: false })
  assert.equal(told.faultOf('orders', 2), null)
  assert.equal(told.faultOf('orders', null), null)
})

test('seconds count on from the instant that was told; silence of a worker is not zero', () => {
  const behind = [
    { topic: 'orders', partition: 0, since: 10_000 },
    { topic: 'orders', partition: 1, since: null },
  ]
  const told = new Told([report('a/1', { behind }), report('cut/1', { cut: true })], 3)
  assert.equal(told.secondsBehind('a/1', 'orders', 0, 17_000), 7)
  assert.equal(told.secondsBehind('a/1', 'orders', 1, 17_000), null)
  assert.equal(told.secondsBehind('a/1', 'orders', 2, 17_000), 0)
  assert.equal(told.secondsBehind('cut/1', 'orders', 2, 17_000), null)
  assert.equal(told.secondsBehind('silent/1', 'orders', 2, 17_000), null)
})

test("a worker's own trouble, its groups and the repairs it has done are known to all", () => {
  const groups = [{ group: 'g', state: 'in-step', partitions: 2, asOf: 60_000, fault: null }] as const
  const told = new Told([report('a/1', { fault: toldOf(waits), groups: [...groups], obeyed: ['i'] })], 3)
  assert.deepEqual(told.fault()?.evidence, { partition: 1, worker: 'a/1' })
  assert.deepEqual(told.groups(), groups)
  assert.ok(told.hasObeyed('a/1', 'i') && !told.hasObeyed('a/1', 'j') && !told.hasObeyed('b/2', 'i'))
})

test('a report survives the state topic, under the name of its worker, and ends with it', () => {
  const view = new StateView()
  const change = { kind: 'report', name: 'dr', worker: 'host/1.2', record: report('host/1.2') } as const
  const { key, value } = encodeChange(change)
  assert.equal(key.toString(), 'report/dr/host/1.2')
  view.apply(decodeChange(key, value, 0)!)
  assert.deepEqual(view.reports('dr'), [change.record])
  view.apply(decodeChange(key, null, 1)!)
  assert.deepEqual(view.reports('dr'), [])
})
