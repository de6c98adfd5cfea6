import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExposition, sampleOf } from '../../../test/kit/exposition.ts'
import type { FleetStatus, LinkOverview } from '../../fleet/run/fleet-status.ts'
import { type MirrorStatus, nothingCounted } from '../../link/status.ts'
import { exposition } from './exposition.ts'
import { metrics } from './table.ts'

const NOW = 1_700_000_000_000
const lag = { records: 12, bytes: 3_400, seconds: 1.5, at: NOW - 500 }
const unknown = { records: null, bytes: null, seconds: null, at: NOW }
const fault = { code: 'DIVERGED', message: 'm', remedy: 'r', evidence: {}, since: NOW }

function mirror(topic: string, partitions: number, more: Partial<MirrorStatus> = {}): MirrorStatus {
  const all = Array.from({ length: partitions }, (_, partition) => {
    return {
      partition,
      worker: null,
      state: 'active',
      sourceEnd: 20,
      destinationEnd: 8,
      lag,
      fault: null,
    } as const
  })
  return { topic, mirror: topic, state: 'active', lag, fault: null, partitions: all, ...more }
}

const link: LinkOverview = {
  travel: null,
  workers: [],
  name: 'dr',
  from: 'seoul',
  to: 'virginia',
  state: 'active',
  lag,
  rate: { recordsPerSecond: 10, bytesPerSecond: 1_024 },
  fault: null,
  generation: 1,
  worker: { state: 'running', pid: 7, startedAt: 0, restarts: 2, nextStartAt: null, lastEnd: null },
  mirrors: [mirror('orders', 2)],
  groups: [{ group: 'g', state: 'waiting', partitions: 1, asOf: null, fault: null }],
  counters: { ...nothingCounted, records: 5, bytes: 900, fetchedBytes: 1_000 },
  faultCounts: [{ code: 'DIVERGED', count: 3, firstAt: NOW, lastAt: NOW, message: 'm' }],
  budget: { bytesPerSecond: 1_048_576, limited: true, limitedSeconds: 2.5, heldBytes: 77 },
}

const fleet = (...links: LinkOverview[]): FleetStatus => ({
  fleet: 'shop',
  file: '/f',
  at: NOW,
  supervisor: { pid: 1, startedAt: NOW - 60_000, phase: 'running' },
  clusters: [],
  links,
  routes: [],
})
const read = (status: FleetStatus, partitions = true) =>
  parseExposition(exposition(status, { version: '1.2.3', partitions }))

test('every metric of the table is there, with what the fleet says', () => {
  const families = read(fleet(link))
  assert.deepEqual(
    [...families.keys()],
    metrics.map(({ name }) => name),
  )
  const value = (name: string, labels = {}) => sampleOf(families, name, { link: 'dr', ...labels })
  assert.equal(value('kmc_link_lag_records'), 12)
  assert.equal(value('kmc_link_lag_seconds'), 1.5)
  assert.equal(value('kmc_link_state', { state: 'active' }), 1)
  assert.equal(value('kmc_link_state', { state: 'paused' }), 0)
  assert.equal(value('kmc_link_faults_total', { code: 'DIVERGED' }), 3)
  assert.equal(value('kmc_link_limited'), 1)
  assert.equal(value('kmc_link_limited_seconds_total'), 2.5)
  assert.equal(value('kmc_link_held_bytes'), 77)
  assert.equal(value('kmc_link_groups', { state: 'waiting' }), 1)
  assert.equal(value('kmc_link_worker_restarts_total'), 2)
  assert.equal(value('kmc_link_partition_destination_end_offset', { topic: 'orders', partition: '1' }), 8)
  assert.equal(sampleOf(families, 'kmc_build_info', { version: '1.2.3' }), 1)
})

test('names follow the conventions: units last, no unit but base units', () => {
  for (const { name, type, help } of metrics) {
    assert.match(name, /^kmc_[a-z_]+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    assert.doesNotMatch(name, /_(ms|milliseconds|kib|mib|minutes|percent)(_|$)/)
    assert.match(help, /^[A-Z].*\.$/, name)
  }
})

test('what is not known, or was measured long ago, has no series; 0 is never made up', () => {
  const stale = { ...lag, at: NOW - 120_000 }
  const silent = { ...link, lag: stale, mirrors: [mirror('orders', 1, { lag: stale })] }
  const fromStale = read(fleet(silent))
  assert.equal(fromStale.get('kmc_link_lag_records')!.series.length, 0)
  assert.equal(fromStale.get('kmc_link_mirror_lag_seconds')!.series.length, 0)
  assert.equal(sampleOf(fromStale, 'kmc_link_lag_age_seconds'), 120)
  const gone = read(fleet({ ...link, lag: unknown, rate: null, counters: null, budget: null, worker: null }))
  for (const name of ['kmc_link_lag_seconds', 'kmc_link_written_records_total', 'kmc_link_limited']) {
    assert.equal(gone.get(name)!.series.length, 0, name)
  }
  assert.equal(sampleOf(gone, 'kmc_link_worker_up'), 0)
})

test('a fault that its partition, mirror and link tell counts once', () => {
  const partition = {
    partition: 0,
    worker: null,
    state: 'faulted',
    sourceEnd: 1,
    destinationEnd: 1,
    lag,
    fault,
  } as const
  const broken = mirror('orders', 0, { state: 'faulted', fault, partitions: [partition] })
  const families = read(fleet({ ...link, state: 'faulted', fault, mirrors: [broken, mirror('x', 1)] }))
  assert.equal(sampleOf(families, 'kmc_link_standing_faults', { code: 'DIVERGED' }), 1)
  assert.equal(sampleOf(families, 'kmc_link_mirror_faulted', { topic: 'orders' }), 1)
  assert.equal(sampleOf(families, 'kmc_link_mirror_faulted', { topic: 'x' }), 0)
})

test('series are bounded, what is left out is counted, and partitions can be switched off', () => {
  const many = { ...link, mirrors: Array.from({ length: 2_100 }, (_, index) => mirror(`t${index}`, 3)) }
  const families = read(fleet(many))
  assert.equal(families.get('kmc_link_mirror_lag_records')!.series.length, 2_000)
  assert.equal(families.get('kmc_link_partition_lag_records')!.series.length, 4_000)
  assert.equal(sampleOf(families, 'kmc_metrics_left_out'), 100 + 2_300)
  const without = read(fleet(many), false)
  assert.ok(![...without.keys()].some((name) => name.startsWith('kmc_link_partition_')))
})

test('names with anything in them do not break the format', () => {
  const odd = 'a"b\\c\nd{}é'
  const families = read(fleet({ ...link, mirrors: [mirror(odd, 1)] }))
  assert.equal(sampleOf(families, 'kmc_link_mirror_lag_records', { topic: odd }), 12)
})
