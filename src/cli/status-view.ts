import type { ClusterStatus, FleetStatus, LinkOverview, Trouble } from '../fleet/run/fleet-status.ts'
import type { GroupStatus, Lag, MirrorStatus } from '../link/status.ts'
import type { Output } from './output.ts'
import type { Palette } from './terminal/color.ts'
import type { Column } from './terminal/table.ts'
import { printable } from './terminal/text-width.ts'
import { formatBytes, formatDuration, formatRate } from './terminal/units.ts'

/** How much room the tables of mirrors and groups may take; the rest is counted in one line. */
export type StatusViewOptions = { readonly rowsMax: number | null }

/** The lines of `kmc status` for people: who runs, clusters, links, mirrors, groups, and every fault with its remedy. */
export function statusLines(status: FleetStatus, out: Output, options: StatusViewOptions): string[] {
  const mirrors = status.links.flatMap((link) => link.mirrors.map((mirror) => ({ link: link.name, mirror })))
  const groups = status.links.flatMap((link) => link.groups.map((group) => ({ link: link.name, group })))
  const { palette } = out
  const sections = [
    [headline(status, palette)],
    out.table(status.clusters, clusterColumns(palette)),
    status.links.length === 0 ? [] : out.table(status.links, linkColumns(palette)),
    limited(mirrors.toSorted(byNeed), options.rowsMax, (rows) => out.table(rows, mirrorColumns(palette))),
    limited(groups, options.rowsMax, (rows) => out.table(rows, groupColumns(palette, status.at))),
    faultLines(status, palette),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]))
}

function headline(status: FleetStatus, palette: Palette): string {
  const name = `${palette.bold(status.fleet)}`
  if (status.supervisor === null)
    return `${name}  ${palette.warn('nothing runs here')} (start it with: kmc up)`
  const { pid, startedAt, phase } = status.supervisor
  const since = formatDuration(Math.max(0, status.at - startedAt))
  return `${name}  ${phase === 'running' ? palette.good(phase) : palette.warn(phase)} for ${since}, process ${pid}`
}

function limited<Row>(
  rows: readonly Row[],
  rowsMax: number | null,
  render: (rows: readonly Row[]) => string[],
): string[] {
  if (rows.length === 0) return []
  if (rowsMax === null || rows.length <= rowsMax) return render(rows)
  return [...render(rows.slice(0, rowsMax)), `… and ${rows.length - rowsMax} more`]
}

type MirrorRow = { readonly link: string; readonly mirror: MirrorStatus }
type GroupRow = { readonly link: string; readonly group: GroupStatus }

/** Faults first, then the largest lag: where rows are cut, the ones that need somebody stay. */
function byNeed(a: MirrorRow, b: MirrorRow): number {
  const faulted = Number(b.mirror.state === 'faulted') - Number(a.mirror.state === 'faulted')
  return faulted || (b.mirror.lag.records ?? -1) - (a.mirror.lag.records ?? -1)
}

export function clusterColumns(palette: Palette): Column<ClusterStatus>[] {
  return [
    { title: 'cluster', value: ({ name }) => name },
    { title: 'region', value: ({ region }) => region },
    {
      title: 'state',
      value: ({ state }) => state,
      paint: (text, { state }) => paintState(state, palette)(text),
    },
    { title: 'bootstrap', value: ({ bootstrap }) => bootstrap.join(',') || null, shrink: true },
    { title: 'kind', value: ({ kind }) => kind },
    { title: 'brokers', value: brokerCounts, align: 'right' },
  ]
}

function brokerCounts({ brokers }: ClusterStatus): string | null {
  if (brokers.length === 0) return null
  return `${brokers.filter(({ state }) => state === 'running').length}/${brokers.length}`
}

export function linkColumns(palette: Palette): Column<LinkOverview>[] {
  return [
    { title: 'link', value: ({ name }) => name },
    { title: 'from', value: ({ from }) => from },
    { title: 'to', value: ({ to }) => to },
    {
      title: 'state',
      value: ({ state }) => state,
      paint: (text, { state }) => paintState(state, palette)(text),
    },
    { title: 'mirrors', value: ({ mirrors }) => mirrors.length, align: 'right' },
    ...lagColumns<LinkOverview>(({ lag }) => lag),
    {
      title: 'rate',
      value: ({ rate }) => (rate === null ? null : formatRate(rate.recordsPerSecond)),
      align: 'right',
    },
    {
      title: '',
      value: ({ rate }) => (rate === null ? '' : `${formatBytes(rate.bytesPerSecond)}/s`),
      align: 'right',
    },
  ]
}

function mirrorColumns(palette: Palette): Column<MirrorRow>[] {
  return [
    { title: 'mirror', value: ({ mirror }) => printable(mirrorName(mirror)), shrink: true },
    { title: 'link', value: ({ link }) => link },
    {
      title: 'state',
      value: ({ mirror }) => mirror.state,
      paint: (text, { mirror }) => paintState(mirror.state, palette)(text),
    },
    { title: 'partitions', value: ({ mirror }) => mirror.partitions.length, align: 'right' },
    ...lagColumns<MirrorRow>(({ mirror }) => mirror.lag),
  ]
}

/** `orders`, or `orders → seoul.orders` where the mirror has another name. */
export function mirrorName({ topic, mirror }: MirrorStatus): string {
  return topic === mirror ? topic : `${topic} → ${mirror}`
}

function groupColumns(palette: Palette, nowMs: number): Column<GroupRow>[] {
  return [
    { title: 'group', value: ({ group }) => printable(group.group), shrink: true },
    { title: 'link', value: ({ link }) => link },
    {
      title: 'state',
      value: ({ group }) => group.state,
      paint: (text, { group }) => paintState(group.state, palette)(text),
    },
    { title: 'partitions', value: ({ group }) => group.partitions, align: 'right' },
    { title: 'as of', value: ({ group }) => ageText(group.asOf, nowMs), align: 'right' },
  ]
}

function ageText(atMs: number | null, nowMs: number): string | null {
  return atMs === null ? null : `${formatDuration(Math.max(0, nowMs - atMs))} ago`
}

/** Lag in its three numbers; unknown is `-`. */
export function lagColumns<Row>(lagOf: (row: Row) => Lag): Column<Row>[] {
  return [
    { title: 'lag records', value: (row) => lagOf(row).records, align: 'right' },
    { title: 'bytes', value: (row) => orNull(lagOf(row).bytes, formatBytes), align: 'right' },
    {
      title: 'seconds',
      value: (row) => orNull(lagOf(row).seconds, (seconds) => seconds.toFixed(1)),
      align: 'right',
    },
  ]
}

function orNull(value: number | null, format: (value: number) => string): string | null {
  return value === null ? null : format(value)
}

export function paintState(state: string, palette: Palette): (text: string) => string {
  switch (state) {
    case 'ready':
    case 'active':
    case 'in-step':
    case 'promoted':
      return palette.good
    case 'failed':
    case 'faulted':
    case 'unreachable':
      return palette.bad
    case 'stopped':
      return palette.dim
    default:
      return palette.warn
  }
}

type Faulted = { readonly where: string; readonly fault: Trouble }

function faultLines(status: FleetStatus, palette: Palette): string[] {
  return faultsOf(status).flatMap(({ where, fault }) => [
    `${palette.bad(where)}: ${printable(fault.message)} ${palette.dim(`[${fault.code}]`)}`,
    ...(fault.remedy === null ? [] : [`  → ${fault.remedy}`]),
  ])
}

/** Every fault of the fleet with the place it belongs to; one that a mirror repeats for its partitions comes once. */
export function faultsOf(status: FleetStatus): Faulted[] {
  const found: { where: string; fault: Trouble | null }[] = []
  for (const { name, fault } of status.clusters) found.push({ where: name, fault })
  for (const link of status.links) {
    found.push({ where: `link ${link.name}`, fault: link.fault })
    for (const mirror of link.mirrors) {
      const where = `link ${link.name}, ${printable(mirrorName(mirror))}`
      found.push({
        where,
        fault: mirror.fault ?? mirror.partitions.find(({ fault }) => fault !== null)?.fault ?? null,
      })
    }
    for (const { group, fault } of link.groups) {
      found.push({ where: `link ${link.name}, group ${printable(group)}`, fault })
    }
  }
  const seen = new Set<string>()
  return found.flatMap(({ where, fault }) => {
    if (fault === null || seen.has(`${fault.code} ${fault.message}`)) return []
    seen.add(`${fault.code} ${fault.message}`)
    return [{ where, fault }]
  })
}
