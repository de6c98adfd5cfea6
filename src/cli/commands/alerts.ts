import { dirname } from 'node:path'
import type { AlertOverview, AlertRow, SilenceRow } from '../../server/api/alerts.ts'
import { findRunners } from '../../server/find-supervisor.ts'
import { askFront, type FrontCall } from '../../server/front-client.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit } from '../exit.ts'
import type { Palette } from '../terminal/color.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { formatDuration, formatInstant, parseDuration } from '../terminal/units.ts'

export const alertsList: CommandDefinition = {
  description:
    'Lists what is wrong in the running fleet, worst first: what fires, and what holds but not for long enough yet. ' +
    'Silences follow, and receivers that do not take what they are told.',
  examples: [
    ['kmc alerts list', 'what is wrong now'],
    ['kmc alerts list -o json', 'with silences and receivers'],
  ],
  async run(context) {
    const { out } = context
    const overview = await ask<AlertOverview>(context, { path: '/api/alerts' })
    await out.value(overview, () => show(context, overview))
    return Exit.ok
  },
}

type SilenceOptions = {
  readonly for: string
  readonly why: string
  readonly rule?: string
  readonly cluster?: string
  readonly group?: string
  readonly link?: string
  readonly route?: string
}

export const alertsSilence: CommandDefinition<SilenceOptions> = {
  description:
    'Lets nobody be told of some alerts for a while. They go on to be watched and shown; what still fires at the end is told ' +
    'then.',
  examples: [
    ['kmc alerts silence --for 2h --why "new disks" --cluster seoul', 'all about a cluster'],
    [
      "kmc alerts silence --for 30m --why works --rule lag-growing --group 'batch-*'",
      'one rule, some groups',
    ],
  ],
  configure: (command) =>
    command
      .requiredOption('--for <time>', 'how long: 30m, 2h, 1d')
      .requiredOption('--why <text>', 'what others should know')
      .option('--rule <name>', 'one rule alone')
      .option('--cluster <name>', 'about this cluster; * stands for any text')
      .option('--group <name>', 'about this group')
      .option('--link <name>', 'about this link')
      .option('--route <name>', 'about this route'),
  async run(context, { for: time, why, rule, cluster, group, link, route }) {
    const names = { cluster, group, link, route }
    const subject = Object.fromEntries(Object.entries(names).filter(([, name]) => name !== undefined))
    if (rule === undefined && Object.keys(subject).length === 0) {
      throw usageError('say what is to be silent: --rule, --cluster, --group, --link or --route')
    }
    const minutes = parseDuration(time, '--for') / 60_000
    const body = { ...(rule === undefined ? {} : { rule }), subject, minutes, why }
    const silence = await ask<SilenceRow>(context, { method: 'POST', path: '/api/alerts/silences', body })
    await context.out.value(silence, () => {
      context.out.line(`silence ${silence.id} until ${formatInstant(silence.until)}`)
    })
    return Exit.ok
  },
}

export const alertsUnsilence: CommandDefinition = {
  description: 'Ends a silence before its time: what still fires is told at once.',
  examples: [['kmc alerts unsilence 3f2a91c0-…', 'with the id that kmc alerts list shows']],
  configure: (command) => command.argument('<id>', 'of a silence'),
  async run(context, _options, [id]) {
    await ask(context, { method: 'DELETE', path: `/api/alerts/silences/${encodeURIComponent(id!)}` })
    await context.out.value({ silence: id, ended: true }, () => context.out.line(`silence ${id} has ended`))
    return Exit.ok
  },
}

export const alertsTest: CommandDefinition = {
  description: 'Sends a receiver of alerts something to look at, and says whether it took it.',
  examples: [['kmc alerts test ops', 'a receiver of the fleet file']],
  configure: (command) =>
    command.argument('<receiver>', 'under `alerts: { receivers: … }` of the fleet file'),
  async run(context, _options, [receiver]) {
    const path = `/api/alerts/receivers/${encodeURIComponent(receiver!)}/test`
    await ask(context, { method: 'POST', path })
    await context.out.value({ receiver, taken: true }, () => context.out.line(`${receiver} took it`))
    return Exit.ok
  },
}

function ask<T>({ fleetPath }: CommandContext, call: FrontCall): Promise<T> {
  return askFront<T>(findRunners(dirname(fleetPath)), call, 'ALERTS_ELSEWHERE')
}

function show({ out }: CommandContext, { alerts, silences, receivers }: AlertOverview): void {
  if (alerts.length === 0) out.line('nothing is wrong')
  else for (const line of out.table(alerts, columns(out.palette))) out.line(line)
  for (const { id, rule, subject, until, by, why } of silences) {
    const what = [rule ?? 'every rule', subjectText(subject)].filter((text) => text !== '').join(', ')
    out.line(`silent until ${formatInstant(until)}: ${what} (${printable(by)}: ${printable(why)}) ${id}`)
  }
  for (const { name, waiting, lost, lastError } of receivers) {
    if (lastError === null && lost === 0) continue
    const counts = `${waiting} waiting, ${lost} lost`
    out.line(
      out.palette.warn(`receiver ${name}: ${counts}${lastError === null ? '' : `; ${printable(lastError)}`}`),
    )
  }
}

function columns(palette: Palette): Column<AlertRow>[] {
  const word = ({ state, isSilenced }: AlertRow) => (isSilenced ? 'silenced' : state)
  return [
    {
      title: 'state',
      value: word,
      paint: (text, row) => (word(row) === 'firing' ? palette.bad(text) : palette.dim(text)),
    },
    { title: 'severity', value: ({ severity }) => severity },
    { title: 'rule', value: ({ rule }) => rule },
    { title: 'about', value: ({ subject }) => subjectText(subject), shrink: true },
    { title: 'since', value: ({ since }) => `${formatDuration(Date.now() - since)} ago` },
    { title: '', value: ({ title }) => printable(title), shrink: true },
  ]
}

function subjectText(subject: Readonly<Record<string, string>>): string {
  return Object.entries(subject)
    .map(([name, value]) => `${name} ${printable(value)}`)
    .join(', ')
}
