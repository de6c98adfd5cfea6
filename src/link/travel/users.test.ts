import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../base/secret.ts'
import type { ScramUser } from '../../client/admin/scram-users.ts'
import type { OwnedRecord } from './owned.ts'
import { planUsers, type UserWorld } from './users.ts'

const user = (name: string, ...mechanisms: ('SCRAM-SHA-256' | 'SCRAM-SHA-512')[]): ScramUser => ({
  user: name,
  credentials: mechanisms.map((mechanism) => ({ mechanism, iterations: 4096 })),
})
const world = (more: Partial<UserWorld>): UserWorld => ({
  ...{ rules: { names: ['*'], passwords: {} }, passwords: { a: new Secret('p') }, again: false },
  ...{ source: [user('a', 'SCRAM-SHA-512')], present: [], notes: new Map() },
  ...more,
})
const own: ReadonlyMap<string, OwnedRecord> = new Map([
  ['user/a', { kind: 'user', user: 'a', mechanisms: ['SCRAM-SHA-512'] }],
])

test('a user is made from a password that was given, one without is reported', () => {
  const source = [user('a', 'SCRAM-SHA-512'), user('b', 'SCRAM-SHA-256')]
  const plan = planUsers(world({ source }))
  assert.deepEqual(
    plan.changes.map(({ user: name, action }) => `${action} ${name}`),
    ['set a'],
  )
  assert.deepEqual([plan.missing, plan.made], [['b'], 1])
  assert.deepEqual(plan.before, [{ what: 'user/a', record: own.get('user/a') }], 'noted before it is made')
})

test('a user that was there before is left alone, also when it goes at the source', () => {
  const present = [user('a', 'SCRAM-SHA-512')]
  assert.deepEqual([planUsers(world({ present })).changes, planUsers(world({ present })).foreign], [[], 1])
  assert.deepEqual(planUsers(world({ present, source: [] })).changes, [])
})

test('a user that the link made gets its password again when asked for, and goes with its source', () => {
  const present = [user('a', 'SCRAM-SHA-512')]
  assert.deepEqual(planUsers(world({ present, notes: own })).changes, [])
  assert.equal(planUsers(world({ present, notes: own, again: true })).changes.length, 1)
  const gone = planUsers(world({ present, notes: own, source: [] }))
  assert.deepEqual(gone.changes, [{ user: 'a', mechanism: 'SCRAM-SHA-512', action: 'delete' }])
  assert.deepEqual(gone.after, [{ what: 'user/a', record: null }])
  assert.deepEqual(planUsers(world({ rules: null, notes: own })).changes, [], 'somebody removed it already')
})
