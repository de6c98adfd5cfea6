import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import {
  decodeChange,
  encodeChange,
  type LeaseRecord,
  type MirrorRecord,
  type StateChange,
} from './records.ts'
import { StateView } from './view.ts'

const lease = (generation: number, id: string): LeaseRecord => ({
  link: 'dr',
  generation,
  worker: { id, host: 'h', pid: 1 },
  at: 0,
})

test('of two claims of one generation the first in the log holds', () => {
  const view = new StateView()
  view.apply({ kind: 'lease', name: 'dr', record: lease(1, 'a') })
  view.apply({ kind: 'lease', name: 'dr', record: lease(2, 'b') })
  view.apply({ kind: 'lease', name: 'dr', record: lease(2, 'c') })
  assert.equal(view.lease('dr')?.worker.id, 'b')
})

test('a change survives encoding, topics with slashes cannot exist but dots can', () => {
  const record: MirrorRecord = {
    link: 'dr',
    topic: 'a.b',
    mirror: 'p.a.b',
    sourceTopicId: 'x',
    mirrorTopicId: 'y',
    state: 'active',
    start: [0, 5],
    withheld: { 'retention.ms': '1' },
    producerIds: [4],
    accepted: [{ partition: 0, from: 3, to: 9, intent: 'i' }],
    adopted: [7, 0],
    answer: { intent: 'i', outcome: 'done', text: 't', at: 1 },
    closing: false,
    promotedAt: null,
    damage: [{ partition: 1, code: 'DIVERGED', message: 'm', evidence: { expected: 5 }, since: 7 }],
  }
  const change = { kind: 'mirror', name: 'dr', topic: 'a.b', record } as const
  const { key, value } = encodeChange(change)
  assert.deepEqual(decodeChange(key, value, 0), change)
  assert.deepEqual(decodeChange(key, null, 0), { ...change, record: null })
})

test('keys of later versions are passed over, values of later formats are an error', () => {
  assert.equal(decodeChange(Buffer.from('receipt/1'), Buffer.from('{}'), 0), null)
  assert.equal(decodeChange(null, Buffer.from('{}'), 0), null)
  for (const value of ['{"format":2}', 'not json', '{"format":1}']) {
    assert.throws(
      () => decodeChange(Buffer.from('link/dr'), Buffer.from(value), 7),
      (error) => error instanceof KmcError && error.code === 'STATE_UNREADABLE' && error.context.offset === 7,
    )
  }
})

test('leader epochs of a partition end with their topic, and those of other topics stay', () => {
  const view = new StateView()
  const apply = (change: StateChange) => {
    const { key, value } = encodeChange(change)
    view.apply(decodeChange(key, value, 0)!)
  }
  for (const [topic, epoch] of [
    ['a', 3],
    ['a', 4],
    ['a.b', 3],
  ] as const) {
    const record = { link: 'dr', topic, mirrorTopicId: 'y', from: epoch, after: epoch }
    apply({ kind: 'epoch', name: 'dr', topic, partition: 1, epoch, record })
  }
  assert.deepEqual([...view.epochs('dr', { topic: 'a', partition: 1 }).keys()], [3, 4])
  for (const change of view.endOfEpochs('dr', 'a')) apply(change)
  assert.equal(view.epochs('dr', { topic: 'a', partition: 1 }).size, 0)
  assert.equal(view.epochs('dr', { topic: 'a.b', partition: 1 }).size, 1)
})
