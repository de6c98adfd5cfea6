import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ledger } from './ledger.ts'
import type { ShopRecord } from './shop-records.ts'

function record(topic: ShopRecord['topic'], id: string): ShopRecord {
  return { topic, key: `key of ${id}`, value: '{}', headers: { 'trace-id': id } }
}

test('what was acknowledged and found once each is in order', () => {
  const ledger = new Ledger()
  ledger.acknowledged([record('orders', 'a'), record('orders', 'b'), record('stock', '')])
  const audit = ledger.audit('orders', ['b', 'a'])
  assert.deepEqual(audit, { acknowledged: 2, found: 2, lost: [], repeated: [], invented: [] })
  assert.deepEqual(ledger.counts, { orders: 2, payments: 0, stock: 1, aborted: 0 })
})

test('a lost, a repeated and an invented record are each named', () => {
  const ledger = new Ledger()
  ledger.acknowledged(['a', 'b', 'c'].map((id) => record('payments', id)))
  ledger.aborted([record('payments', 'd')])
  const { lost, repeated, invented } = ledger.audit('payments', ['a', 'c', 'c', 'd'])
  assert.deepEqual({ lost, repeated, invented }, { lost: ['b'], repeated: ['c'], invented: ['d'] })
})

test('a payment that was given up first and made later is no invention', () => {
  const ledger = new Ledger()
  ledger.aborted([record('payments', 'a')])
  ledger.acknowledged([record('payments', 'a')])
  assert.deepEqual(ledger.audit('payments', ['a']).invented, [])
  assert.equal(ledger.counts.aborted, 1)
})

test('what nobody knows is neither lost nor invented', () => {
  const ledger = new Ledger()
  ledger.unknown([record('orders', 'a'), record('orders', 'b')])
  assert.deepEqual(ledger.audit('orders', ['a']), {
    ...{ acknowledged: 0, found: 1 },
    ...{ lost: [], repeated: [], invented: [] },
  })
})
