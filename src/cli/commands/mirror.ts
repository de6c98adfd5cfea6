import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { nearest } from '../../fleet/file/suggest.ts'
import type { MirrorStatus, PartitionStatus } from '../../link/status.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { cliError } from '../errors.ts'
import { Exit } from '../exit.ts'
import { knownLink } from '../links.ts'
import { faultLines, lagColumns, lagText, mirrorColumns, paintState } from '../status-view.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'

type MirrorOptions = { readonly link?: string }

/** A mirror with the link that keeps it: what `-o json` prints. */
export type MirrorRow = { readonly link: string; readonly from: string; readonly to: string } & MirrorStatus

export const mirrorList: CommandDefinition<MirrorOptions> = {
  description: 'Lists the mirrors of the fleet with state and lag.',
  examples: [
    ['kmc mirror list', 'mirrors of all links'],
    ['kmc mirror list --link dr -o json', 'of one link, with every partition'],
  ],
  configure: (command) => command.option('--link <name>', 'only this link'),
  async run(context, { link }) {
    const rows = await mirrorRows(context, link)
    const columns = mirrorColumns<MirrorRow>(context.out.palette, (row) => row)
    await context.out.rows(rows, columns, 'there are no mirrors')
    return Exit.ok
  },
}

export const mirrorDescribe: CommandDefinition<MirrorOptions> = {
  description: 'Shows one mirror with every partition: both ends, lag, and its fault with what to do.',
  examples: [['kmc mirror describe orders', 'the mirror of the topic orders']],
  configure: (command) =>
    command
      .argument('<mirror>', 'name of the topic, on the destination or on the source')
      .option('--link <name>', 'the link, where several have such a mirror'),
  async run(context, { link }, [name]) {
    const rows = await mirrorRows(context, link)
    const found = rows.filter(({ topic, mirror }) => topic === name || mirror === name)
    if (found.length !== 1) throw notOne(name!, found, rows)
    await context.out.value(found[0]!, () => describe(context, found[0]!))
    return Exit.ok
  },
}

async function mirrorRows(context: CommandContext, link: string | undefined): Promise<MirrorRow[]> {
  const loaded =
    link === undefined ? await openFleet(context.fleetPath) : (await knownLink(context, link)).loaded
  const { status, problem } = await fleetStatus(loaded, context.signal)
  if (problem !== null) context.out.problem(problem)
  const links = status.links.filter(({ name }) => link === undefined || name === link)
  return links.flatMap(({ name, from, to, mirrors }) =>
    mirrors.map((mirror) => ({ link: name, from, to, ...mirror })),
  )
}

function notOne(name: string, found: readonly MirrorRow[], rows: readonly MirrorRow[]) {
  if (found.length > 1) {
    const links = found.map(({ link }) => link).join(', ')
    return cliError('MIRROR_UNKNOWN', `several links have a mirror ${name}: ${links}`, {
      remedy: 'Name one with --link NAME.',
    })
  }
  const near = nearest(name, new Set(rows.map(({ mirror }) => mirror)))
  const hint = near === null ? '' : `, did you mean ${near}?`
  return cliError('MIRROR_UNKNOWN', `there is no mirror "${name}"${hint}`)
}

function describe({ out }: CommandContext, row: MirrorRow): void {
  out.fields([
    ['mirror', printable(row.mirror)],
    ['topic', printable(row.topic)],
    ['link', `${row.link} (${row.from} → ${row.to})`],
    ['state', row.state],
    ['lag', lagText(row.lag)],
  ])
  out.line()
  for (const line of out.table(row.partitions, partitionColumns(out.palette))) out.line(line)
  const faults = faultLines([{ name: row.link, fault: null, groups: [], mirrors: [row] }], out)
  if (faults.length > 0) out.line()
  for (const line of faults) out.line(line)
}

function partitionColumns(palette: Parameters<typeof paintState>[1]): Column<PartitionStatus>[] {
  return [
    { title: 'partition', value: ({ partition }) => partition, align: 'right' },
    {
      title: 'state',
      value: ({ state }) => state,
      paint: (text, { state }) => paintState(state, palette)(text),
    },
    { title: 'source end', value: ({ sourceEnd }) => sourceEnd, align: 'right' },
    { title: 'mirror end', value: ({ destinationEnd }) => destinationEnd, align: 'right' },
    ...lagColumns<PartitionStatus>(({ lag }) => lag),
  ]
}
