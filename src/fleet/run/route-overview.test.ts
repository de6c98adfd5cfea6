import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatewayRecordOf, routeRecordOf } from '../../failover/testing/records.ts'
import { routeFromClusters } from './route-overview.ts'
import { route, seen } from './testing/route-seen.ts'

test('a route is what its gateway here says', () => {
  assert.deepEqual(
    [seen({}).state, seen({}).active, seen({}).address],
    ['serving', 'virginia', '127.0.0.1:9192'],
  )
  assert.equal(seen({ phase: 'fenced' }).state, 'switching')
  const waiting = seen({ mayWrite: false, waitsFor: 'seoul cannot be reached: refused' })
  assert.deepEqual([waiting.state, waiting.fault?.code], ['waiting', 'ROUTE_STATE_UNREACHABLE'])
})

test('before its gateway has found a record nothing is known, and nothing is wrong', () => {
  const early = seen({ epoch: 0, phase: 'parked', mayWrite: false, waitsFor: 'not read yet' })
  assert.deepEqual([early.state, early.active, early.epoch, early.fault], ['waiting', null, null, null])
})

test('without a gateway the route is faulted, or stopped', () => {
  const trouble = { code: 'WORKER_ENDED', message: 'GATEWAY_PORT_TAKEN', remedy: null }
  const faulted = seen(null, { worker: { state: 'waiting' }, trouble })
  assert.deepEqual([faulted.state, faulted.fault, faulted.gateway], ['faulted', trouble, null])
  assert.equal(seen(null, { worker: { state: 'stopped' } }).state, 'stopped')
})

test('from the clusters alone a route serves where any living gateway takes writes', () => {
  const record = routeRecordOf({ active: 'seoul', epoch: 7 })
  const state = (...gateways: Parameters<typeof gatewayRecordOf>[0][]) =>
    routeFromClusters(route, { record, gateways: gateways.map(gatewayRecordOf) }).state
  assert.equal(state({ mayWrite: false }, { id: 'h' }), 'serving')
  assert.equal(state({ mayWrite: false }), 'waiting')
  assert.equal(state({ gone: true }), 'unknown')
  assert.equal(routeFromClusters(route, { record: null, gateways: [] }).state, 'unknown')
})
