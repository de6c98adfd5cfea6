import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type LinkStatus, nothingCounted } from '../../link/status.ts'
import type { WorkerStatus } from './fleet-status.ts'
import { linkOverview } from './link-overview.ts'

const base = {
  name: 'dr',
  from: 'seoul',
  to: 'virginia',
  status: null,
  worker: null,
  trouble: null,
  isCurrent: true,
}
const running: WorkerStatus = {
  state: 'running',
  pid: 7,
  startedAt: 1,
  restarts: 0,
  nextStartAt: null,
  lastEnd: null,
}
const active: LinkStatus = {
  link: 'dr',
  state: 'active',
  generation: 3,
  workers: [],
  lag: { records: 4, bytes: 400, seconds: 0.2, at: 50 },
  rate: { recordsPerSecond: 10, bytesPerSecond: 1_000 },
  fault: null,
  mirrors: [],
  groups: [],
  counters: { ...nothingCounted, records: 9, bytes: 900, batches: 2 },
  budget: null,
}

test('what is not known is null, never 0', () => {
  const { lag, rate, counters, state } = linkOverview({ ...base, worker: running }, 99)
  assert.deepEqual(lag, { records: null, bytes: null, seconds: null, at: 99 })
  assert.deepEqual([rate, counters, state], [null, null, 'starting'])
})

test('a worker that is gone has no lag and no rate, and its trouble is the fault of the link', () => {
  const trouble = { code: 'WORKER_ENDED', message: 'signal SIGKILL', remedy: null }
  const worker: WorkerStatus = { ...running, state: 'waiting', pid: null }
  const overview = linkOverview({ ...base, status: active, worker, trouble }, 99)
  assert.deepEqual([overview.state, overview.rate, overview.fault], ['faulted', null, trouble])
  assert.equal(overview.lag.records, null)
})

test('a running worker speaks for itself', () => {
  const overview = linkOverview({ ...base, status: active, worker: running }, 99)
  assert.deepEqual([overview.state, overview.rate?.recordsPerSecond, overview.generation], ['active', 10, 3])
  assert.equal(linkOverview({ ...base, worker: { ...running, state: 'stopped' } }, 99).state, 'stopped')
})

test('without a supervisor the clusters speak', () => {
  assert.equal(linkOverview({ ...base, status: { ...active, state: 'paused' } }, 99).state, 'paused')
  assert.equal(linkOverview(base, 99).state, 'stopped')
})

test('a new worker is starting until it speaks, whatever the one before said last', () => {
  const fault = { code: 'DIVERGED', message: 'm', remedy: 'r', evidence: {}, since: 0 }
  const before = { ...active, state: 'faulted', fault } as const
  const overview = linkOverview({ ...base, status: before, worker: running, isCurrent: false }, 99)
  assert.deepEqual([overview.state, overview.fault, overview.rate], ['starting', null, null])
  assert.equal(overview.lag.records, null)
})
