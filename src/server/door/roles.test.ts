import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Grant,
  isGranted,
  isGrantedSomewhere,
  type ResourceKind,
  type Role,
  type Subject,
} from './roles.ts'

const topic = (name: string, cluster = 'seoul'): Subject => on('topic', name, cluster)

function on(kind: ResourceKind, name: string, cluster = 'seoul'): Subject {
  return { cluster, resource: { kind, name } }
}

test('a role includes those below it and none above', () => {
  const grants: Grant[] = [{ role: 'operator' }]
  const may = (role: Role) => isGranted(grants, role, {})
  assert.deepEqual([may('viewer'), may('operator'), may('admin')], [true, true, false])
})

test('without a grant nothing is allowed', () => {
  assert.equal(isGranted([], 'viewer', {}), false)
  assert.equal(isGrantedSomewhere([], 'viewer'), false)
})

test('a grant of clusters gives nothing on others, nor on the fleet', () => {
  const grants: Grant[] = [{ role: 'admin', clusters: ['seoul', 'tok*'] }]
  assert.equal(isGranted(grants, 'viewer', { cluster: 'tokyo' }), true)
  assert.equal(isGranted(grants, 'viewer', { cluster: 'virginia' }), false)
  assert.equal(isGranted(grants, 'viewer', {}), false)
})

test('a grant of topics gives nothing on groups, nor on the cluster, nor on other topics', () => {
  const grants: Grant[] = [{ role: 'admin', topics: ['shop.*'] }]
  assert.equal(isGranted(grants, 'admin', topic('shop.orders')), true)
  assert.equal(isGranted(grants, 'viewer', topic('bank.orders')), false)
  assert.equal(isGranted(grants, 'viewer', on('group', 'shop.billing')), false)
  assert.equal(isGranted(grants, 'viewer', { cluster: 'seoul' }), false)
})

test('grants do not add up: each must give role, cluster and resource by itself', () => {
  const grants: Grant[] = [{ role: 'viewer' }, { role: 'admin', clusters: ['seoul'], topics: ['shop.*'] }]
  assert.equal(isGranted(grants, 'operator', topic('shop.orders', 'tokyo')), false)
  assert.equal(isGranted(grants, 'operator', topic('bank.orders')), false)
})

test('a list is open to who may see some of it, by cluster', () => {
  const grants: Grant[] = [{ role: 'viewer', clusters: ['seoul'], topics: ['shop.*'] }]
  assert.equal(isGrantedSomewhere(grants, 'viewer'), true)
  assert.equal(isGrantedSomewhere(grants, 'viewer', 'seoul'), true)
  assert.equal(isGrantedSomewhere(grants, 'viewer', 'tokyo'), false)
  assert.equal(isGrantedSomewhere(grants, 'operator', 'seoul'), false)
})
