import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FleetStatus, LinkOverview } from '../../fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../fleet/run/route-overview.ts'
import { FleetFacts } from './fleet-facts.ts'

const NOW = 1_800_000_000_000
const SECOND = 1_000

function link(more: object): LinkOverview {
  const lag = { records: 5, bytes: null, seconds: 45, at: NOW }
  const counters = { records: 100, gapOffsets: 0 }
  const nothing = { fault: null, mirrors: [], groups: [], state: 'active' }
  return { name: 'dr', lag, counters, ...nothing, ...more } as unknown as LinkOverview
}

function route(more: object): RouteOverview {
  return { name: 'shop', state: 'serving', gateway: null, ...more } as unknown as RouteOverview
}

/** Facts by kind. */
function told(facts: FleetFacts, of: { links?: LinkOverview[]; routes?: RouteOverview[] }, now = NOW) {
  const status = { links: of.links ?? [], routes: of.routes ?? [] } as unknown as FleetStatus
  return Object.fromEntries(facts.take(status, now).map(({ kind, value }) => [kind, value]))
}

test('a link is measured against its objective, or a minute', () => {
  assert.equal(told(new FleetFacts(() => undefined), { links: [link({})] })['link-rpo'], 0.75)
  assert.equal(told(new FleetFacts(() => 30 * SECOND), { links: [link({})] })['link-rpo'], 1.5)
  const old = told(new FleetFacts(() => undefined), { links: [link({})] }, NOW + 61 * SECOND)
  assert.deepEqual([old['link-rpo'], old['link-lag-unknown']], [null, 1])
})

test('a link is stalled while there is more and nothing is copied, and not while it is paused', () => {
  const facts = new FleetFacts(() => undefined)
  const stalled = (more: object, afterMs: number) => {
    const lag = { records: 5, bytes: null, seconds: 45, at: NOW + afterMs }
    return told(facts, { links: [link({ lag, ...more })] }, NOW + afterMs)['link-stalled']
  }
  assert.equal(stalled({}, 0), 0)
  assert.equal(stalled({}, 90 * SECOND), 90)
  assert.equal(stalled({ counters: { records: 101, gapOffsets: 0 } }, 91 * SECOND), 0)
  assert.equal(stalled({ counters: { records: 101, gapOffsets: 0 }, state: 'paused' }, 200 * SECOND), 0)
  assert.equal(stalled({ counters: null }, 201 * SECOND), null)
  assert.equal(told(facts, {})['link-stalled'], undefined)
})

test('groups that are not carried along make a link stale; those in use on the other side do not', () => {
  const group = (state: string, ago: number | null) => {
    return { group: state, state, partitions: 1, fault: null, asOf: ago === null ? null : NOW - ago * SECOND }
  }
  const sync = (...groups: object[]) =>
    told(new FleetFacts(() => undefined), { links: [link({ groups })] })['link-group-sync']
  assert.equal(sync(), 0)
  assert.equal(sync(group('in-step', 2), group('waiting', 120), group('active', 900)), 120)
  assert.equal(sync(group('in-step', null)), 0)
})

test('a fault is counted where it is', () => {
  const faults = (more: object) =>
    told(new FleetFacts(() => undefined), { links: [link(more)] })['link-faults']
  assert.equal(faults({}), 0)
  assert.equal(faults({ fault: {} }), 1)
  assert.equal(faults({ fault: {}, mirrors: [{ fault: {} }, { fault: null }], groups: [{ fault: {} }] }), 2)
})

test('a route tells whether it takes writes, and whether the cluster it left still could', () => {
  const of = (more: object) => told(new FleetFacts(() => undefined), { routes: [route(more)] })
  const left = (state: string | null, writers: object[] = []) => {
    const fence = state === null ? null : { state }
    return { gateway: { left: { cluster: 'seoul', fence, directWriters: writers } } }
  }
  assert.deepEqual(of({}), { 'route-no-writes': 0, 'route-old-primary': null, 'route-direct-writers': null })
  assert.equal(of({ state: 'waiting' })['route-no-writes'], 1)
  assert.equal(of({ state: 'switching' })['route-no-writes'], 0)
  assert.equal(of({ state: 'unknown' })['route-no-writes'], null)
  const open = (state: string | null) => of(left(state))['route-old-primary']
  assert.deepEqual(
    ['raised', 'waiting', 'partly', 'failed', 'impossible', null].map(open),
    [0, 0, 1, 1, 1, 0],
  )
  assert.equal(of(left('raised', [{}, {}]))['route-direct-writers'], 2)
})
