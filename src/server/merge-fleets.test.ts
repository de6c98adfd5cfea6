import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FleetStatus, LinkOverview } from '../fleet/run/fleet-status.ts'
import { mergeFleets } from './merge-fleets.ts'

const lag = { records: 0, bytes: 0, seconds: 0, at: 1 }

function link(name: string, generation: number | null, leads: boolean): LinkOverview {
  const process = {
    state: 'running',
    pid: 1,
    startedAt: 1,
    restarts: 0,
    nextStartAt: null,
    lastEnd: null,
  } as const
  return {
    name,
    from: 'a',
    to: 'b',
    state: 'active',
    lag,
    rate: null,
    fault: null,
    generation,
    worker: process,
    workers: generation === null ? [] : [{ name: 'x', leads, self: true }],
    mirrors: [],
    groups: [],
    counters: null,
    travel: null,
    budget: null,
  }
}

function fleet(pid: number, links: LinkOverview[]): FleetStatus {
  return {
    fleet: 'f',
    file: '/f',
    at: 1,
    supervisor: { pid, startedAt: 1, phase: 'running' },
    clusters: [],
    links,
    routes: [],
  }
}

test('every link is told of once, by whoever leads it in the newest generation', () => {
  const [old, led, joining] = [link('dr', 3, true), link('dr', 4, true), link('dr', null, false)]
  const merged = mergeFleets([
    fleet(1, [joining, link('only-here', 1, false)]),
    fleet(2, [old]),
    fleet(3, [link('dr', 4, false)]),
    fleet(4, [led]),
  ])
  assert.deepEqual(
    merged.links.map(({ name }) => name),
    ['dr', 'only-here'],
  )
  assert.equal(merged.links[0], led)
  assert.equal(merged.supervisor?.pid, 1)
})
