import type { ClusterStatus, FleetStatus, LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import type { Fault, Lag, MirrorState, MirrorStatus } from '../../../src/link/status.ts'

/** A fleet of every kind of state, for pages to be looked at. No broker runs for it. */
export function madeFleet(): FleetStatus {
  const at = Date.now()
  return {
    ...{ fleet: 'shop', file: 'fleet.yaml', at },
    supervisor: { pid: 1, startedAt: at - 3_600_000, phase: 'running' },
    clusters: [
      cluster('seoul', 'kr', 3),
      cluster('virginia', 'us', 3),
      cluster('frankfurt', 'eu', 1),
      { ...cluster('tokyo', 'jp', 0), kind: 'external', state: 'unreachable', fault: unreachable },
    ],
    links: [
      link('dr', 'seoul', 'virginia', {
        ...{ lag: lag(12, 0.4), rate: { recordsPerSecond: 1_840, bytesPerSecond: 386_400 } },
        mirrors: [
          mirror('orders', lag(3, 0.2)),
          mirror('payments', lag(9, 0.4)),
          mirror('stock', none, diverged),
        ],
      }),
      link('back', 'virginia', 'seoul', { state: 'paused', mirrors: [mirror('clicks', lag(0, 0))] }),
      link('analytics', 'seoul', 'frankfurt', {
        ...{ lag: lag(48_211, 92), mirrors: [mirror('orders', lag(48_211, 92))] },
      }),
      link('archive', 'tokyo', 'frankfurt', {
        state: 'faulted',
        lag: none,
        fault: { ...unreachable, ...noted },
      }),
    ],
    routes: [route],
  }
}

const none: Lag = { records: null, bytes: null, seconds: null, at: 0 }
const noted = { evidence: {}, since: Date.now() - 41_000 }

function lag(records: number, seconds: number): Lag {
  return { records, seconds, bytes: records * 210, at: Date.now() }
}

const unreachable = {
  code: 'CLUSTER_UNREACHABLE',
  message: 'kafka-1.tokyo.example:9093 does not answer: connect ECONNREFUSED',
  remedy: 'Look whether its brokers run.',
}

const diverged: Fault = {
  code: 'DIVERGED',
  message: 'stock-3 holds at offset 1841 a record that the source does not have',
  remedy: 'Make the mirror anew: kmc mirror repair dr stock',
  evidence: { partition: 3, offset: 1_841 },
  since: Date.now() - 90_000,
}

function cluster(name: string, region: string, brokers: number): ClusterStatus {
  return {
    ...{ name, region, kind: 'managed', state: 'ready', clusterId: `id-of-${name}`, fault: null },
    bootstrap: ['127.0.0.1:19092'],
    brokers: Array.from({ length: brokers }, (_, id) => {
      return { id, state: id === 2 ? 'failed' : 'ready', pid: 100 + id, port: 19_092 + id, restarts: 0 }
    }),
  }
}

function mirror(topic: string, behind: Lag, fault: Fault | null = null): MirrorStatus {
  const state: MirrorState = fault === null ? 'active' : 'faulted'
  const partitions = [0, 1, 2].map((partition) => ({
    ...{ partition, state, worker: 'host/77', sourceEnd: 1_200, destinationEnd: 1_190, lag: behind, fault },
  }))
  return { topic, mirror: topic, state, lag: behind, fault, partitions }
}

function link(name: string, from: string, to: string, more: Partial<LinkOverview>): LinkOverview {
  const started = Date.now() - 1_000_000
  return {
    ...{ name, from, to, state: 'active', lag: lag(0, 0), fault: null, generation: 3, gaps: 'markers' },
    rate: { recordsPerSecond: 0, bytesPerSecond: 0 },
    worker: { state: 'running', pid: 77, startedAt: started, restarts: 1, nextStartAt: null, lastEnd: null },
    workers: [{ name: 'host/77', leads: true, self: true }],
    mirrors: [],
    groups: [{ group: 'billing', state: 'in-step', partitions: 6, asOf: Date.now() - 2_000, fault: null }],
    ...{ counters: null, travel: null, budget: null },
    ...more,
  }
}

const route: RouteOverview = {
  ...{ name: 'shop', primary: 'seoul', standby: 'virginia', address: '127.0.0.1:9192', slots: 12 },
  ...{ state: 'serving', active: 'seoul', epoch: 2, phase: 'open', gateway: null, gateways: [] },
  ...{ fault: null, worker: null },
}
