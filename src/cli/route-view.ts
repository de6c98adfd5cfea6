import type { GatewayRecord } from '../failover/state/records.ts'
import type { RouteOverview } from '../fleet/run/route-overview.ts'
import type { Client } from '../gateway/spec.ts'
import { type Palette, paintState } from './terminal/color.ts'
import type { Column } from './terminal/table.ts'
import { printable } from './terminal/text-width.ts'
import { formatDuration } from './terminal/units.ts'

export function routeColumns(palette: Palette): Column<RouteOverview>[] {
  return [
    { title: 'route', value: ({ name }) => name },
    { title: 'address', value: ({ address }) => address },
    {
      title: 'state',
      value: ({ state }) => state,
      paint: (text, { state }) => paintState(state, palette)(text),
    },
    { title: 'leads to', value: ({ active }) => active },
    { title: 'standby', value: ({ active, primary, standby }) => (active === standby ? primary : standby) },
    { title: 'clients', value: ({ gateway }) => gateway?.connections ?? null, align: 'right' },
  ]
}

/** The gateways of a route, wherever they run. */
export function gatewayColumns(palette: Palette, nowMs: number): Column<GatewayRecord>[] {
  const state = ({ gone, mayWrite, phase }: GatewayRecord) =>
    gone ? 'silent' : phase === 'open' ? (mayWrite ? 'serving' : 'waiting') : phase
  return [
    { title: 'gateway', value: ({ host, pid }) => `${printable(host)} ${pid}` },
    {
      title: 'state',
      value: state,
      paint: (text, record) => paintState(state(record), palette)(text),
    },
    { title: 'epoch', value: ({ epoch }) => epoch, align: 'right' },
    { title: 'serves from', value: ({ active }) => active },
    { title: 'connections', value: ({ connections }) => connections, align: 'right' },
    { title: 'heard', value: ({ at }) => `${formatDuration(Math.max(0, nowMs - at))} ago`, align: 'right' },
    { title: 'waits for', value: (record) => printable(waitsFor(record, nowMs)) || null, shrink: true },
  ]
}

function waitsFor({ missing, lostSince, active }: GatewayRecord, nowMs: number): string {
  if (lostSince === null) return missing.join(', ')
  const since = formatDuration(Math.max(0, nowMs - lostSince))
  return [`a broker of ${active}, none for ${since}`, ...missing].join(', ')
}

/** Applications as a gateway sees them. */
export function clientColumns(nowMs: number): Column<Client>[] {
  return [
    { title: 'client', value: ({ clientId }) => printable(clientId), shrink: true },
    {
      title: 'library',
      value: ({ library, version }) => printable([library, version].join(' ').trim()) || null,
    },
    { title: 'address', value: ({ address }) => address },
    { title: 'principal', value: ({ principal }) => (principal === null ? null : printable(principal)) },
    { title: 'topics', value: ({ topics }) => printable(topics.join(' ')) || null, shrink: true },
    { title: 'seen', value: ({ lastSeenAt }) => `${formatDuration(Math.max(0, nowMs - lastSeenAt))} ago` },
    { title: 'in a switch', value: ({ inSwitch }) => inSwitch, shrink: true },
  ]
}
