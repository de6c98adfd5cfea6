import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewAcl } from '../../../client/admin/acls.ts'
import { type AclPlan, type AclWorld, planAcls } from './plan.ts'
import { aclText } from './rules.ts'

const rules = { topics: ['*'], groups: ['*'], transactionalIds: [], principals: ['*'], map: {} }
const grant = (name: string, operation: NewAcl['operation'], more: Partial<NewAcl> = {}): NewAcl => ({
  ...{ resourceType: 'topic', resourceName: name, patternType: 'literal', operation },
  ...{ principal: 'User:app', host: '*', permission: 'allow' },
  ...more,
})
const prefixed = { patternType: 'prefixed' } as const
const denied = { permission: 'deny' } as const

function world(more: Partial<AclWorld>): AclWorld {
  return {
    rules,
    link: { topics: ['*'], groups: ['*'], prefix: 'kr.' },
    principal: 'User:kmc',
    mirrors: new Map([
      ['orders', 'kr.orders'],
      ['order-lines', 'kr.order-lines'],
      ['payments', 'kr.payments'],
    ]),
    groups: ['billing', 'bill-test'],
    ...{ source: [], present: [], owned: [] },
    ...more,
  }
}
const texts = (acls: readonly NewAcl[]) => acls.map(aclText).sort()
const made = (source: NewAcl[], more: Partial<AclWorld> = {}) =>
  texts(planAcls(world({ source, ...more })).create)
const held = ({ withheld }: AclPlan) => withheld.map(({ acl, why }) => `${aclText(acl)}: ${why}`)

test('reading travels under the name of the mirror, for the principals that the rules take', () => {
  const source = [
    grant('orders', 'read'),
    grant('orders', 'describe', { principal: 'User:admin' }),
    grant('orders', 'read', { principal: 'User:kmc' }),
    grant('secret', 'read'),
  ]
  assert.deepEqual(made(source, { rules: { ...rules, principals: ['*', '!User:admin'] } }), [
    'allow read on topic kr.orders for User:app',
  ])
  assert.deepEqual(
    made([grant('orders', 'read')], { rules: { ...rules, map: { 'User:app': 'User:app2' } } }),
    ['allow read on topic kr.orders for User:app2'],
  )
})

test('grants that change a mirror wait, ALL gives what reads, and all of it is handed over at a promotion', () => {
  const source = [grant('orders', 'all'), grant('payments', 'write'), grant('payments', 'alter-configs')]
  const plan = planAcls(world({ source }))
  assert.deepEqual(texts(plan.create), [
    'allow describe on topic kr.orders for User:app',
    'allow describe-configs on topic kr.orders for User:app',
    'allow read on topic kr.orders for User:app',
  ])
  assert.equal(held(plan).length, 3)
  assert.ok(held(plan).every((text) => text.endsWith('mirror-is-read-only')))
  assert.deepEqual(texts(plan.handOver.get('payments')!), [
    'allow alter-configs on topic kr.payments for User:app',
    'allow write on topic kr.payments for User:app',
  ])
  assert.deepEqual(texts(plan.handOver.get('orders')!), ['allow all on topic kr.orders for User:app'])
})

test('an entry for a prefix stays one where the link takes all of it, and never reaches further', () => {
  const source = [grant('order', 'read', prefixed)]
  assert.deepEqual(made(source), ['allow read on topic kr.order… for User:app'])
  const each = [
    'allow read on topic kr.order-lines for User:app',
    'allow read on topic kr.orders for User:app',
  ]
  for (const topics of [['orders', 'order-lines'], ['*', '!orders.test'], ['orders*']]) {
    const link = { topics, groups: ['*'], prefix: 'kr.' }
    assert.deepEqual(made(source, { link }), topics[0] === 'orders*' ? each.slice(1) : each, topics.join())
  }
  assert.deepEqual(made([grant('*', 'read')]), ['allow read on topic kr.… for User:app'])
  const bare = { topics: ['*'], groups: ['*'], prefix: '' }
  const mirrors = new Map([['orders', 'orders']])
  assert.deepEqual(made([grant('*', 'read')], { link: bare, mirrors }), [
    'allow read on topic orders for User:app',
  ])
  assert.deepEqual(made([grant('shop', 'read', prefixed)]), [], 'nothing of it is mirrored')
})

test('a DENY travels, but not one that would stop the link; then nobody gets what it denied', () => {
  const everybody = { ...denied, principal: 'User:*' }
  const source = [
    grant('orders', 'read', { ...denied, principal: 'User:eve' }),
    grant('payments', 'read', everybody),
    grant('payments', 'read'),
    grant('payments', 'describe'),
  ]
  const plan = planAcls(world({ source }))
  assert.deepEqual(texts(plan.create), [
    'allow describe on topic kr.payments for User:app',
    'deny read on topic kr.orders for User:eve',
  ])
  assert.deepEqual(held(plan).sort(), [
    'allow read on topic kr.payments for User:app: denied-at-source',
    'deny read on topic kr.payments for User:*: would-stop-the-link',
  ])
  assert.equal(plan.handOver.get('payments')?.length, 3)
})

test('groups keep their names; `*` becomes the groups in step; transactional ids travel where asked for', () => {
  const group = (name: string, more: Partial<NewAcl> = {}) =>
    grant(name, 'read', { resourceType: 'group', ...more })
  const id = grant('tx', 'write', { resourceType: 'transactional-id', ...prefixed })
  assert.deepEqual(made([group('billing'), group('not-there-yet')]), [
    'allow read on group billing for User:app',
    'allow read on group not-there-yet for User:app',
  ])
  assert.deepEqual(made([group('*')]), [
    'allow read on group bill-test for User:app',
    'allow read on group billing for User:app',
  ])
  assert.deepEqual(made([group('bill', prefixed)]), ['allow read on group bill… for User:app'])
  assert.deepEqual(made([id]), [])
  assert.deepEqual(made([id], { rules: { ...rules, transactionalIds: ['tx*'] } }), [
    'allow write on transactional-id tx… for User:app',
  ])
  assert.deepEqual(made([grant('kafka-cluster', 'alter', { resourceType: 'cluster' })]), [])
})

test('only what the link made is removed; what others made is left, also where it is the same', () => {
  const mine = grant('kr.orders', 'read')
  const theirs = grant('kr.payments', 'read')
  const writer = grant('kr.', 'write', { ...prefixed, principal: 'User:old' })
  const plan = planAcls(
    world({ source: [grant('payments', 'read')], present: [mine, theirs, writer], owned: [mine] }),
  )
  assert.deepEqual(texts(plan.remove), texts([mine]))
  assert.deepEqual(texts(plan.foreign), texts([theirs]))
  assert.deepEqual([plan.create, plan.writers], [[], [writer]])
  const off = planAcls(
    world({ rules: null, source: [grant('orders', 'read')], present: [mine], owned: [mine] }),
  )
  assert.deepEqual([texts(off.remove), off.create], [texts([mine]), []])
  const lost = planAcls(world({ source: [grant('orders', 'read')], owned: [mine] }))
  assert.deepEqual(texts(lost.create), texts([mine]), 'one that somebody removed is made again')
})
