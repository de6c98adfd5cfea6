import type { ClusterStatus, FleetStatus, LinkOverview, Trouble } from '../fleet/run/fleet-status.ts'
import type { GroupStatus, Lag, LinkBudget, MirrorStatus } from '../link/status.ts'
import type { Output } from './output.ts'
import { routeColumns } from './route-view.ts'
import { type Palette, paintState } from './terminal/color.ts'
import { type Column, groupDigits } from './terminal/table.ts'
import { printable } from './terminal/text-width.ts'
import { formatBytes, formatDuration, formatRate } from './terminal/units.ts'

/** Lines around the tables, and some to spare. */
const CHROME_ROWS = 13
const ROWS_MIN = 3

/** How many rows mirrors and groups may take each, so that all of a live status fits the terminal. */
export function rowsThatFit(
  { clusters, links, routes }: FleetStatus,
  terminalRows: number | undefined,
): number {
  const free = (terminalRows ?? 40) - CHROME_ROWS - clusters.length - links.length - routes.length
  return Math.max(ROWS_MIN, Math.floor(free / 2))
}

/** How much room the tables of mirrors and groups may take; the rest is counted in one line. */
export type StatusViewOptions = { readonly rowsMax: number | null }

/** The lines of `kmc status` for people: who runs, clusters, links, mirrors, groups, every fault with its remedy. */
export function statusLines(status: FleetStatus, out: Output, options: StatusViewOptions): string[] {
  const { palette } = out
  const sections = [
    [headline(status, palette)],
    out.table(status.clusters, clusterColumns(palette)),
    status.links.length === 0 ? [] : out.table(status.links, linkColumns(palette, status.links)),
    status.routes.length === 0 ? [] : out.table(status.routes, routeColumns(palette)),
    mirrorTable(status.links, out, options.rowsMax),
    groupTable(status.links, out, status.at, options.rowsMax),
    faultLines([...status.clusters, ...status.links, ...status.routes], out),
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

/** The mirrors of links, those that need somebody first. */
export function mirrorTable(
  links: readonly LinkOverview[],
  out: Output,
  rowsMax: number | null = null,
): string[] {
  const rows = links.flatMap((link) => link.mirrors.map((mirror) => ({ link: link.name, ...mirror })))
  const columns = mirrorColumns<LinkMirror>(out.palette, (row) => row)
  return limited(rows.toSorted(byNeed), rowsMax, (shown) => out.table(shown, columns))
}

/** The consumer groups whose positions links keep in step. */
export function groupTable(
  links: readonly LinkOverview[],
  out: Output,
  nowMs: number,
  rowsMax: number | null = null,
): string[] {
  const rows = links.flatMap((link) => link.groups.map((group) => ({ link: link.name, group })))
  return limited(rows, rowsMax, (shown) => out.table(shown, groupColumns(out.palette, nowMs)))
}

type LinkMirror = MirrorStatus & { readonly link: string }
type GroupRow = { readonly link: string; readonly group: GroupStatus }

/** Faults first, then the largest lag: where rows are cut, the ones that need somebody stay. */
function byNeed(a: LinkMirror, b: LinkMirror): number {
  const faulted = Number(b.state === 'faulted') - Number(a.state === 'faulted')
  return faulted || (b.lag.records ?? -1) - (a.lag.records ?? -1)
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

/** The limit has a column only where a link has one now. */
export function linkColumns(palette: Palette, links: readonly LinkOverview[]): Column<LinkOverview>[] {
  const isLimited = links.some(({ budget }) => typeof budget?.bytesPerSecond === 'number')
  const limit: Column<LinkOverview> = { title: 'limit', value: limitText, align: 'right' }
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
    ...(isLimited ? [limit] : []),
  ]
}

export function mirrorColumns<Row>(palette: Palette, of: (row: Row) => LinkMirror): Column<Row>[] {
  return [
    { title: 'mirror', value: (row) => printable(mirrorName(of(row))), shrink: true },
    { title: 'link', value: (row) => of(row).link },
    {
      title: 'state',
      value: (row) => of(row).state,
      paint: (text, row) => paintState(of(row).state, palette)(text),
    },
    { title: 'partitions', value: (row) => of(row).partitions.length, align: 'right' },
    ...lagColumns<Row>((row) => of(row).lag),
  ]
}

/** `orders`, or `orders → seoul.orders` where the mirror has another name. */
function mirrorName({ topic, mirror }: MirrorStatus): string {
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

/** `12 records, 1.5 KiB, 0.2 s`, or `not known`. */
export function lagText({ records, bytes, seconds }: Lag): string {
  if (records === null && bytes === null && seconds === null) return 'not known'
  const parts = [
    `${records === null ? '-' : groupDigits(records)} records`,
    bytes === null ? '- bytes' : formatBytes(bytes),
    `${seconds === null ? '-' : seconds.toFixed(1)} s`,
  ]
  return parts.join(', ')
}

/** `10 MiB/s, fetching waits for it; 3.2 MiB held`. */
export function budgetText({ bytesPerSecond, limited, heldBytes }: LinkBudget): string {
  const held = `${formatBytes(heldBytes)} held`
  if (bytesPerSecond === null) return `no limit now; ${held}`
  return `${formatBytes(bytesPerSecond)}/s${limited ? ', fetching waits for it' : ', not reached'}; ${held}`
}

function limitText({ budget }: LinkOverview): string | null {
  if (budget === null || budget.bytesPerSecond === null) return null
  return `${formatBytes(budget.bytesPerSecond)}/s${budget.limited ? ' (reached)' : ''}`
}

function orNull(value: number | null, format: (value: number) => string): string | null {
  return value === null ? null : format(value)
}

/** What can have faults inside: a cluster, or a link with mirrors and groups. */
export type Faultable = {
  readonly name: string
  readonly fault: Trouble | null
  readonly mirrors?: readonly MirrorStatus[]
  readonly groups?: readonly GroupStatus[]
}

type Faulted = { readonly where: string; readonly fault: Trouble }

/** Every fault with what to do. */
export function faultLines(things: readonly Faultable[], { palette }: Output): string[] {
  return faultsOf(things).flatMap(({ where, fault }) => [
    ...messageLines(fault).map((line, index) => (index === 0 ? `${palette.bad(where)}: ${line}` : line)),
    ...(fault.remedy === null ? [] : [`  → ${fault.remedy}`]),
  ])
}

/** A message may have lines of its own; none of them can do more than be read. */
function messageLines({ message, code }: Trouble): string[] {
  const lines = message.split('\n').map(printable)
  return [...lines.slice(0, -1), `${lines.at(-1)} [${code}]`]
}

/** Every fault with the place it belongs to; one that a link repeats from its mirror comes once, with the mirror. */
function faultsOf(things: readonly Faultable[]): Faulted[] {
  const found = things.flatMap((thing) => [...insideOf(thing), { where: thing.name, fault: thing.fault }])
  const seen = new Set<string>()
  return found.flatMap(({ where, fault }) => {
    if (fault === null || seen.has(`${fault.code} ${fault.message}`)) return []
    seen.add(`${fault.code} ${fault.message}`)
    return [{ where, fault }]
  })
}

function insideOf({
  name,
  mirrors = [],
  groups = [],
}: Faultable): { where: string; fault: Trouble | null }[] {
  const ofMirrors = mirrors.map((mirror) => ({
    where: `${name}, mirror ${printable(mirrorName(mirror))}`,
    fault: mirror.fault ?? mirror.partitions.find(({ fault }) => fault !== null)?.fault ?? null,
  }))
  const ofGroups = groups.map(({ group, fault }) => ({ where: `${name}, group ${printable(group)}`, fault }))
  return [...ofMirrors, ...ofGroups]
}
