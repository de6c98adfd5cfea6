import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fleetNews } from './fleet-news.ts'
import type { ClusterStatus, FleetStatus, LinkOverview } from './fleet-status.ts'
import { startProgress } from './settled.ts'

const cluster: ClusterStatus = {
  name: 'seoul',
  kind: 'managed',
  region: null,
  bootstrap: ['127.0.0.1:1'],
  state: 'starting',
  clusterId: null,
  brokers: [],
  fault: null,
}
const lag = { records: 0, bytes: 0, seconds: 0, at: 0 }
const link: LinkOverview = {
  name: 'dr',
  from: 'seoul',
  to: 'virginia',
  state: 'starting',
  lag,
  rate: null,
  fault: null,
  generation: null,
  worker: { state: 'running', pid: 7, startedAt: 0, restarts: 0, nextStartAt: null, lastEnd: null },
  workers: [],
  mirrors: [],
  groups: [],
  counters: null,
  travel: null,
  budget: null,
}

function fleet(clusters: readonly ClusterStatus[], links: readonly LinkOverview[]): FleetStatus {
  return { fleet: 'shop', file: '/f', at: 0, supervisor: null, clusters, links, routes: [] }
}

test('nothing is said of what stays as it is', () => {
  const status = fleet([cluster], [link])
  assert.deepEqual(fleetNews(status, status), [])
})

test('states, restarts and faults are each said once', () => {
  const before = fleet([cluster], [link])
  const fault = { code: 'DIVERGED', message: 'offset 5', remedy: 'x', evidence: {}, since: 0 }
  const mirror = { topic: 'orders', mirror: 'orders', state: 'faulted', lag, fault, partitions: [] } as const
  const now = fleet(
    [{ ...cluster, state: 'ready' }],
    [
      {
        ...link,
        state: 'faulted',
        fault,
        mirrors: [mirror],
        worker: { ...link.worker!, pid: 8, restarts: 1 },
      },
    ],
  )
  assert.deepEqual(
    fleetNews(before, now).map(({ text }) => text),
    [
      'cluster seoul is ready at 127.0.0.1:1',
      'link dr (seoul → virginia) is faulted: offset 5',
      'link dr: worker started again as process 8',
      'link dr: mirror orders is faulted: offset 5',
    ],
  )
})

test('a start is settled when every link works or has said why not', () => {
  const active = { ...link, state: 'active' } as const
  const faulted = { ...link, state: 'faulted' } as const
  const waiting = { ...faulted, worker: { ...link.worker!, state: 'waiting', pid: null } } as const
  assert.equal(startProgress(fleet([], [])).settled, true)
  assert.equal(startProgress(fleet([], [active, link])).settled, false)
  assert.equal(startProgress(fleet([], [active, faulted])).settled, true)
  assert.equal(startProgress(fleet([], [active, waiting])).settled, false)
})
