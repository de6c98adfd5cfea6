import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RouteRecord } from '../../failover/state/records.ts'
import { routeRecordOf } from '../../failover/testing/records.ts'
import type { Fleet } from '../file/fleet.ts'
import { parseFleet } from '../file/load.ts'
import { appliedAfter } from './applied-after.ts'
import { checkPlanStillHolds, makePlan } from './make-plan.ts'
import type { ObservedFleet } from './observed.ts'

const LINKED = 'clusters:\n  seoul:\n  virginia:\nlinks:\n  dr: { from: seoul, to: virginia }\n'
const ROUTE = 'routes:\n  shop: { port: 9192, primary: seoul, standby: virginia }\n'
const load = (text: string): Fleet => parseFleet(text).fleet
const routed = load(LINKED + ROUTE)

/** Both clusters and the link run; `before` is what was applied. */
function seen(before: Fleet | null, record: RouteRecord | null, gateways: readonly string[]): ObservedFleet {
  const routes = record === null ? {} : { shop: record }
  const common = { state: 'ready', trouble: null, brokers: 1, topics: {}, links: {} } as const
  const cluster = (name: string) => ({ ...common, name, clusterId: `id-${name}`, routes })
  const clusters = { seoul: cluster('seoul'), virginia: cluster('virginia') }
  const observed = { at: 1, applied: null, clusters, workers: ['dr'], gateways }
  return before === null ? observed : { ...observed, applied: appliedAfter(before, observed, 1) }
}
const record = (change: Partial<RouteRecord>) => routeRecordOf({ active: 'seoul', ...change })

function routeActions(declared: Fleet, observed: ObservedFleet) {
  const { actions } = makePlan(declared, observed)
  return actions.filter((action) => 'route' in action).map(({ action, reason }) => [action, reason])
}

test('a new route is made, one without a gateway is started, one that works needs nothing', () => {
  assert.deepEqual(routeActions(routed, seen(load(LINKED), null, [])), [
    ['create-route', 'in the fleet file, and not there yet: 127.0.0.1:9192 → seoul, standby virginia'],
  ])
  assert.deepEqual(routeActions(routed, seen(routed, record({}), [])), [
    ['start-route', 'no gateway of this machine serves it'],
  ])
  assert.deepEqual(routeActions(routed, seen(routed, record({}), ['shop'])), [])
})

test('a change names its keys, and says when clients have to be told', () => {
  const text = ROUTE.replace('9192', '9292').replace(' }', ', standbyLost: hold }')
  const { actions, warnings } = makePlan(load(LINKED + text), seen(routed, record({}), ['shop']))
  const change = actions.find(({ action }) => action === 'change-route')!
  const changes = 'changes' in change ? change.changes : []
  assert.deepEqual(changes, [
    { key: 'port', from: '9192', to: '9292' },
    { key: 'standbyLost', from: '"serve"', to: '"hold"' },
  ])
  assert.match(warnings[0]?.message ?? '', /at 127\.0\.0\.1:9292 now/)
})

test('a route that left the file is ended, and nothing else becomes of it', () => {
  assert.deepEqual(routeActions(load(LINKED), seen(routed, record({}), ['shop'])), [
    ['delete-route', 'no longer in the fleet file; clients lose 127.0.0.1:9192'],
  ])
})

test('what is declared moves no route, and a move makes a saved plan stale', () => {
  const moved = record({ epoch: 9, moves: 1, active: 'virginia' })
  const plan = makePlan(routed, seen(load(LINKED), moved, []))
  assert.match(plan.warnings[0]?.message ?? '', /leads to virginia since epoch 9/)
  const back = record({ epoch: 12, moves: 2 })
  assert.deepEqual(checkPlanStillHolds(plan, routed, seen(load(LINKED), back, [])), [
    'route shop: was leads to virginia, epoch 9, is leads to seoul, epoch 12',
  ])
})

test('a route that leads to a cluster it no longer has is refused', () => {
  const { refusals } = makePlan(routed, seen(routed, record({ epoch: 9, moves: 1, active: 'tokyo' }), []))
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['ROUTE_CLUSTER_FOREIGN'],
  )
})
