import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Quota, QuotaEntity } from '../../client/admin/quotas.ts'
import type { OwnedRecord } from './owned.ts'
import { planQuotas } from './quotas.ts'

const quota = (entity: QuotaEntity, values: Record<string, number>): Quota => ({
  entity,
  values: new Map(Object.entries(values)),
})
const all = { users: ['*'], clientIds: ['*'] }
const none: ReadonlyMap<string, OwnedRecord> = new Map()

test('quotas travel key by key, and what somebody else set stays', () => {
  const source = [
    quota({ user: 'a' }, { producer_byte_rate: 1, consumer_byte_rate: 2 }),
    quota({ user: null }, { x: 3 }),
  ]
  const present = [quota({ user: 'a' }, { producer_byte_rate: 9 })]
  const plan = planQuotas({ rules: all, source, present, notes: none })
  assert.deepEqual(plan.changes, [
    { entity: { user: 'a' }, values: { consumer_byte_rate: 2 } },
    { entity: { user: null }, values: { x: 3 } },
  ])
  assert.deepEqual([plan.made, plan.foreign], [2, 1])
  const only = planQuotas({ rules: { users: ['a'], clientIds: [] }, source, present, notes: none })
  assert.equal(only.changes.length, 1, 'the default of all users is called <default>')
})

test('a quota that the link made follows its source, and goes with it or with the rule', () => {
  const entity = { 'client-id': 'c' }
  const first = planQuotas({ rules: all, source: [quota(entity, { x: 1, y: 2 })], present: [], notes: none })
  const notes = new Map(first.after.map(({ what, record }) => [what, record!]))
  const present = [quota(entity, { x: 1, y: 2 })]
  const same = planQuotas({ rules: all, source: present, present, notes })
  assert.deepEqual([same.changes, same.before, same.after], [[], [], []])
  const next = planQuotas({ rules: all, source: [quota(entity, { x: 5 })], present, notes })
  assert.deepEqual(next.changes, [{ entity, values: { x: 5, y: null } }])
  const off = planQuotas({ rules: null, source: [], present, notes })
  assert.deepEqual(off.changes, [{ entity, values: { x: null, y: null } }])
  assert.equal(off.after[0]?.record, null)
})
