import type { GatewayRecord, RouteRecord } from '../state/records.ts'

/** Records as tests need them: a route from `a` to `b`, and a gateway of it. */
export function routeRecordOf(change: Partial<RouteRecord> = {}): RouteRecord {
  const epoch = change.epoch ?? 1
  return {
    name: 'shop',
    epoch,
    moves: 0,
    active: 'a',
    activeClusterId: 'id-a',
    phase: 'open',
    target: null,
    plan: null,
    fence: 'none',
    alone: false,
    asks: null,
    at: 0,
    by: { user: 'u', host: 'h' },
    writer: `w${epoch}`,
    ...change,
  }
}

export function gatewayRecordOf(change: Partial<GatewayRecord> = {}): GatewayRecord {
  return {
    route: 'shop',
    id: 'g',
    host: 'h',
    pid: 1,
    since: 0,
    beat: 1,
    epoch: 1,
    phase: 'open',
    active: 'a',
    missing: [],
    mayWrite: true,
    lostSince: null,
    standbyLost: 'serve',
    connections: 0,
    acked: null,
    maybeTwice: null,
    leaseMs: 6_000,
    at: 0,
    gone: false,
    ...change,
  }
}
