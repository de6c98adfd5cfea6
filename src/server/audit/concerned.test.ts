import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { concernedClusters } from './concerned.ts'

const fleet = {
  clusters: [{ name: 'seoul' }, { name: 'virginia' }, { name: 'tokyo' }],
  links: [{ name: 'dr', from: 'seoul', to: 'virginia' }],
  routes: [{ name: 'shop', primary: 'seoul', standby: 'tokyo' }],
} as unknown as FleetStatus

test('a change concerns the cluster that is named, both of a link or a route, or all', () => {
  assert.deepEqual(concernedClusters({ cluster: 'tokyo', topic: 'orders' }, fleet), ['tokyo'])
  assert.deepEqual(concernedClusters({ link: 'dr' }, fleet), ['seoul', 'virginia'])
  assert.deepEqual(concernedClusters({ route: 'shop' }, fleet), ['seoul', 'tokyo'])
  assert.deepEqual(concernedClusters({}, fleet), ['seoul', 'virginia', 'tokyo'])
  assert.deepEqual(concernedClusters({ link: 'nobody' }, fleet), ['seoul', 'virginia', 'tokyo'])
})
