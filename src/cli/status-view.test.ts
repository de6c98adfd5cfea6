import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { FleetStatus, LinkOverview } from '../fleet/run/fleet-status.ts'
import { Output } from './output.ts'
import { rowsThatFit, statusLines } from './status-view.ts'

const out = new Output({
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  format: 'table',
  color: false,
  debug: false,
})

const unknown = { records: null, bytes: null, seconds: null, at: 0 }
const lag = { records: 1_234, bytes: 2_048, seconds: 0.25, at: 0 }
const fault = { code: 'DIVERGED', message: 'offset 5\nlanded at 6', remedy: 'verify', evidence: {}, since: 0 }

function mirror(topic: string, more: object = {}) {
  return { topic, mirror: topic, state: 'active', lag, fault: null, partitions: [], ...more } as const
}

const link: LinkOverview = {
  name: 'dr',
  from: 'seoul',
  to: 'virginia',
  state: 'faulted',
  lag,
  rate: { recordsPerSecond: 10, bytesPerSecond: 1_024 },
  fault,
  generation: 1,
  worker: null,
  workers: [],
  mirrors: [mirror('orders'), mirror('stock', { lag: unknown }), mirror('bad', { state: 'faulted', fault })],
  groups: [{ group: 'shipping', state: 'in-step', partitions: 4, asOf: null, fault: null }],
  counters: null,
  travel: null,
  budget: null,
}

const status: FleetStatus = {
  fleet: 'shop',
  file: '/f',
  at: 10_000,
  supervisor: { pid: 7, startedAt: 5_000, phase: 'running' },
  routes: [],
  clusters: [
    {
      name: 'seoul',
      kind: 'managed',
      region: 'kr',
      bootstrap: ['127.0.0.1:1'],
      state: 'ready',
      clusterId: 'x',
      brokers: [],
      fault: null,
    },
  ],
  links: [link],
}

test('lag comes in three numbers, and what is not known is -', () => {
  const lines = statusLines(status, out, { rowsMax: null })
  assert.match(lines.find((line) => line.startsWith('orders'))!, /1,234 +2\.0 KiB +0\.3/)
  assert.match(lines.find((line) => line.startsWith('stock'))!, / - +- +-$/)
})

test('a fault stands once, with the mirror it belongs to, line by line and with what to do', () => {
  const text = statusLines(status, out, { rowsMax: null }).join('\n')
  assert.ok(text.includes('dr, mirror bad: offset 5\nlanded at 6 [DIVERGED]\n  → verify'))
  assert.equal(text.match(/\[DIVERGED\]/g)!.length, 1)
})

test('where rows are cut, what needs somebody stays and the rest is counted', () => {
  const lines = statusLines(status, out, { rowsMax: 1 })
  assert.ok(lines.some((line) => line.startsWith('bad')))
  assert.ok(!lines.some((line) => line.startsWith('orders')))
  assert.ok(lines.includes('… and 2 more'))
})

test('the first line says who runs, or that nobody does', () => {
  assert.equal(statusLines(status, out, { rowsMax: null })[0], 'shop  running for 5.0 s, process 7')
  const idle = statusLines({ ...status, supervisor: null }, out, { rowsMax: null })
  assert.match(idle[0]!, /nothing runs here.*kmc up/)
})

test('a small terminal still gets a few rows', () => {
  assert.equal(rowsThatFit(status, 10), 3)
  assert.ok(rowsThatFit(status, 60) > 15)
})

test('text that came from a cluster cannot move the cursor', () => {
  const evil = { ...link, mirrors: [mirror('a\u001b[2J')], fault: { ...fault, message: 'b\u001b[1A' } }
  const text = statusLines({ ...status, links: [evil] }, out, { rowsMax: null }).join('\n')
  assert.ok(!text.includes('\u001b'))
})
