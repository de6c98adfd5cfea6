import { KmcError } from '../../base/error.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { linkAtHand } from '../../fleet/apply/link-at-hand.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { nearest } from '../../fleet/file/suggest.ts'
import { linkError } from '../../link/errors.ts'
import { repairsFor, repairWords } from '../../link/intents/repairs.ts'
import type { MirrorStatus, PartitionStatus } from '../../link/status.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit } from '../exit.ts'
import { lagColumns, lagText, mirrorColumns } from '../status-view.ts'
import { paintState } from '../terminal/color.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { formatInstant } from '../terminal/units.ts'

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

/** What was once decided about the mirror's records. */
export type MirrorReceipt = {
  readonly id: string
  readonly verb: string
  readonly by: string
  readonly at: number
  readonly text: string
}

/** One mirror with the commands that fit its faults, and the receipts of earlier repairs and promotions. */
export type MirrorDetail = MirrorRow & {
  readonly repairs: readonly string[]
  readonly receipts: readonly MirrorReceipt[]
}

export const mirrorDescribe: CommandDefinition<MirrorOptions> = {
  description:
    'Shows one mirror with every partition: both ends, lag, what stopped it and the very commands that help, and the ' +
    'receipts of earlier repairs and promotions.',
  examples: [
    ['kmc mirror describe dr orders', 'the mirror that the link dr keeps of orders'],
    ['kmc mirror describe orders', 'where only one link has such a mirror'],
  ],
  configure: (command) =>
    command
      .argument('<names...>', 'the link and the topic, or the topic alone; its name on either side')
      .option('--link <name>', 'the link, where several have such a mirror'),
  async run(context, options, words) {
    const [first, second, ...rest] = words
    if (rest.length > 0) throw usageError('name one link and one topic')
    const [link, name] = second === undefined ? [options.link, first] : [first, second]
    const rows = await mirrorRows(context, link)
    const found = rows.filter(({ topic, mirror }) => topic === name || mirror === name)
    if (found.length !== 1) throw notOne(name!, found, rows)
    const detail = await detailOf(context, found[0]!)
    await context.out.value(detail, () => describe(context, detail))
    return Exit.ok
  },
}

async function detailOf(context: CommandContext, row: MirrorRow): Promise<MirrorDetail> {
  const codes = new Set([row.fault, ...row.partitions.map(({ fault }) => fault)].map((fault) => fault?.code))
  const choices = [...codes].flatMap((code) => (code === undefined ? [] : repairsFor(code)))
  const repairs = [...new Set(choices)].map(
    (choice) => `kmc mirror repair ${row.link} ${row.topic} ${choice}`,
  )
  return { ...row, repairs, receipts: await receiptsOf(context, row) }
}

/** Receipts stand at the destination; where it does not answer, the rest is shown all the same. */
async function receiptsOf(context: CommandContext, { link, topic }: MirrorRow): Promise<MirrorReceipt[]> {
  try {
    const { memory } = await linkAtHand(context.fleetPath, link)
    return memory.receipts(topic).map(({ id, verb, by, doneAt, text }) => {
      return { id, verb, by: `${by.user}@${by.host}`, at: doneAt, text }
    })
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    context.out.problem(error)
    return []
  }
}

async function mirrorRows(context: CommandContext, link: string | undefined): Promise<MirrorRow[]> {
  const loaded =
    link === undefined
      ? await openFleet(context.fleetPath)
      : (await knownLink(context.fleetPath, link)).loaded
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
    return linkError('MIRROR_UNKNOWN', `several links have a mirror ${name} (${links}): name one with --link`)
  }
  const near = nearest(name, new Set(rows.map(({ mirror }) => mirror)))
  const hint = near === null ? '' : `, did you mean ${near}?`
  return linkError('MIRROR_UNKNOWN', `there is no mirror "${name}"${hint}`)
}

function describe({ out }: CommandContext, row: MirrorDetail): void {
  out.fields([
    ['mirror', printable(row.mirror)],
    ['topic', printable(row.topic)],
    ['link', `${row.link} (${row.from} → ${row.to})`],
    ['state', row.state],
    ['lag', lagText(row.lag)],
  ])
  out.line()
  for (const line of out.table(row.partitions, partitionColumns(out.palette))) out.line(line)
  for (const line of troubleLines(row, out)) out.line(line)
  if (row.receipts.length > 0) out.line()
  for (const { at, verb, by, text } of row.receipts) {
    out.line(`${formatInstant(at)}  ${verb} by ${printable(by)}: ${printable(text)}`)
  }
}

/** Every fault of every partition, each remedy once, and the commands that fit. */
function troubleLines(row: MirrorDetail, { palette }: CommandContext['out']): string[] {
  const own = row.partitions.flatMap(({ fault }) => fault ?? [])
  const all = own.length > 0 || row.fault === null ? own : [row.fault]
  const lines: string[] = []
  for (const [code, faults] of Map.groupBy(all, (fault) => fault.code)) {
    lines.push('')
    for (const [message, [first]] of Map.groupBy(faults, (fault) => fault.message)) {
      const { since } = first!
      lines.push(`${palette.bad(code)} since ${formatInstant(since)}: ${printable(message)}`)
    }
    const { remedy } = faults[0]!
    lines.push(`  → ${printable(remedy)}`)
    for (const choice of repairsFor(code)) {
      lines.push(`  ${palette.bold(`kmc mirror repair ${row.link} ${row.topic} ${choice}`)}`)
      lines.push(`      ${repairWords[choice]}`)
    }
  }
  return lines
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
