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

test('a failover that nobody goes on with is a fault, with its age and the command', () => {
  const run = { step: 'fence', by: 'ann on desk', at: 1_000, failed: false, returns: false }
  const fault = (status: Parameters<typeof seen>[0]) => seen({ phase: 'fenced', run, ...status }).fault
  assert.equal(fault({ at: 20_000 }), null)
  const { code, message, remedy } = fault({ at: 41_000 })!
  assert.equal(code, 'ROUTE_SWITCH_ABANDONED')
  assert.match(`${message} ${remedy}`, /last heard of at step "fence" 40 s ago.* kmc failover shop$/)
  assert.match(fault({ at: 2_000, run: { ...run, failed: true } })!.message, /failed at step "fence" 1 s ago/)
  assert.match(
    fault({ at: 41_000, run: { ...run, returns: true } })!.message,
    /45 s after it gateways put the route/,
  )
  assert.equal(fault({ at: 41_000, phase: 'open' }), null)
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
