import type { Amount, Drift, FailoverPlan, GroupForecast, TopicForecast } from '../../failover/plan/plan.ts'
import { acceptFlags } from '../../failover/plan/refusals.ts'
import { counted, listed } from '../../failover/plan/words.ts'
import type { Output } from '../output.ts'
import { groupDigits } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { formatBytes, formatDuration } from '../terminal/units.ts'

/** Rows of a table on a screen; `-o json` has them all. */
const ROWS_MAX = 20

/** A plan for somebody who was just woken up: the verdict first, then what it costs, then why, then the rest. */
export function showPlan(plan: FailoverPlan, out: Output): void {
  const { bold, dim } = out.palette
  const made = `plan ${plan.id}, made ${clockTime(plan.madeAt)} by ${plan.madeBy.user}@${plan.madeBy.host}`
  out.line(`${bold(`${plan.route}: ${plan.kind} ${plan.from} → ${plan.to}`)}   ${dim(made)}`)
  out.line()
  showVerdict(plan, out)
  showRefusals(plan, out)
  showTopics(plan, out)
  showGroups(plan, out)
  showDrift(plan.drift, out)
  showApplications(plan, out)
  showWriters(plan, out)
  showGateways(plan, out)
  if (plan.refusals.length === 0) showSteps(plan, out)
}

function showVerdict(plan: FailoverPlan, out: Output): void {
  const { good, bad } = out.palette
  const flags = plan.accepted.map((flag) => ` --${flag}`).join('')
  out.line(
    plan.refusals.length > 0
      ? bad(`✗ refused: ${counted(plan.refusals.length, 'reason')}, below`)
      : good(`✓ can be done: kmc failover ${plan.route}${flags}`),
  )
  for (const line of costOf(plan)) out.line(`  ${line}`)
}

/** What it would cost, in sentences. */
function costOf(plan: FailoverPlan): string[] {
  const { kind, from, to, fromAnswers, fromTrouble, lost, drained } = plan
  const times = `Writers wait about ${formatDuration(plan.heldMs)}; all takes about ${formatDuration(plan.expectedMs)}.`
  if (kind === 'switchover') {
    const first = `${from} answers: nothing would be lost, nothing repeated.`
    const none = `${to} has everything that ${from} has.`
    const way = drained.records === 0 ? none : `Copied first: ${amountText(drained)}.`
    return [first, way, times]
  }
  const first = fromAnswers
    ? `${from} answers, and is left behind.`
    : `${from} does not answer: ${fromTrouble}`
  return [printable(first), ...lossLines(plan, lost), times]
}

function lossLines({ from, fromAnswers, to, seenAt, madeAt, topics }: FailoverPlan, lost: Amount): string[] {
  const newest = Math.max(...topics.map((topic) => topic.newest ?? 0))
  const age =
    newest > 0 ? `The newest record on ${to} is ${formatDuration(Math.max(0, madeAt - newest))} old.` : ''
  if (lost.records === null) {
    return [
      `How much would be lost is not known: not every end of ${from} was seen by anybody here. ${age}`.trim(),
    ]
  }
  const what = lost.records === 0 ? 'Nothing would be lost' : `Would be lost: ${amountText(lost)}`
  if (fromAnswers) return [`${what}, as things are this moment.`]
  const seen = seenAt === null ? 'some time ago' : `${formatDuration(Math.max(0, madeAt - seenAt))} ago`
  return [`${what}, as ${from} was last seen ${seen}; what came after that is not known. ${age}`.trim()]
}

/** `1,204 records (1.2 MiB, 2.1 s)`. */
function amountText({ records, bytes, seconds }: Amount): string {
  if (records === null) return 'not known'
  const more = [
    ...(bytes === null ? [] : [`about ${formatBytes(bytes)}`]),
    ...(seconds === null ? [] : [formatDuration(seconds * 1_000)]),
  ]
  return `${counted(records, 'record')}${more.length === 0 ? '' : ` (${more.join(', ')})`}`
}

function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function heading(out: Output, text: string): void {
  out.line()
  out.line(out.palette.bold(text))
}

function showRefusals({ refusals, overridden }: FailoverPlan, out: Output): void {
  const { bad, warn, dim } = out.palette
  if (refusals.length > 0) heading(out, 'Why it is refused')
  for (const { code, what, why, remedy, flag } of refusals) {
    out.line(`${bad('✗')} ${printable(what)} ${dim(`[${code}]`)}`)
    out.line(dim(`    ${why}`))
    out.line(`    → ${printable(remedy)}`)
    if (flag !== null) out.line(dim(`    → or --${flag}: ${acceptFlags[flag]}`))
  }
  if (overridden.length > 0) heading(out, 'Accepted with your flags')
  for (const { what, why, flag } of overridden) {
    out.line(`${warn('!')} ${printable(what)} ${dim(`[--${flag}]`)}`)
    out.line(dim(`    ${why}`))
  }
}

function showTopics({ kind, topics, madeAt }: FailoverPlan, out: Output): void {
  const of = (topic: TopicForecast) => (kind === 'failover' ? topic.lost : topic.drained)
  const lacking = topics.filter(
    (topic) => of(topic).records !== 0 || topic.fault !== null || topic.state !== 'active',
  )
  if (topics.length === 0) return
  heading(out, kind === 'failover' ? 'What would be lost' : 'What is copied first')
  const shown = lacking.slice(0, ROWS_MAX)
  const rows = out.table(shown, [
    { title: 'topic', value: ({ topic }) => printable(topic), shrink: true },
    { title: 'state', value: ({ state, fault }) => fault ?? state },
    { title: 'records', value: (topic) => known(of(topic).records), align: 'right' },
    { title: 'bytes', value: (topic) => known(of(topic).bytes, formatBytes), align: 'right' },
    {
      title: 'time',
      value: (topic) => known(of(topic).seconds, (s) => formatDuration(s * 1_000)),
      align: 'right',
    },
    {
      title: 'newest here',
      value: ({ newest }) =>
        newest === null ? 'not known' : `${formatDuration(Math.max(0, madeAt - newest))} ago`,
    },
  ])
  if (shown.length > 0) for (const row of rows) out.line(`  ${row}`)
  const rest = topics.length - lacking.length
  if (rest > 0)
    out.line(
      `  ${counted(rest, shown.length === 0 ? 'topic' : 'more topic')} ${rest === 1 ? 'lacks' : 'lack'} nothing`,
    )
  more(lacking.length, out)
}

function known(value: number | null, format: (value: number) => string = groupDigits): string {
  return value === null ? 'not known' : format(value)
}

function more(count: number, out: Output): void {
  if (count > ROWS_MAX) out.line(out.palette.dim(`  and ${count - ROWS_MAX} more: -o json has all of them`))
}

function showGroups({ groups }: FailoverPlan, out: Output): void {
  if (groups.length === 0) return
  heading(out, 'Where groups go on')
  const isExact = (group: GroupForecast) => group.reRead === 0 && group.skipped === 0
  const others = groups.filter((group) => !isExact(group))
  const exact = groups.length - others.length
  if (exact > 0)
    out.line(`  ${counted(exact, 'group')} at the exact record${others.length === 0 ? '' : '; not so:'}`)
  if (others.length === 0) return
  const rows = out.table(others.slice(0, ROWS_MAX), [
    { title: 'group', value: ({ group }) => printable(group), shrink: true },
    { title: 'members', value: ({ members }) => known(members), align: 'right' },
    { title: 'read again', value: ({ reRead }) => known(reRead), align: 'right' },
    { title: 'never read', value: ({ skipped }) => known(skipped), align: 'right' },
    { title: 'why', value: ({ verdict, words }) => printable(`${verdict}: ${words}`), shrink: true },
  ])
  for (const row of rows) out.line(`  ${row}`)
  more(others.length, out)
}

function showDrift(drift: readonly Drift[], out: Output): void {
  if (drift.length === 0) return
  const { bad, warn, dim } = out.palette
  const marks = { blocks: bad('✗'), warning: warn('!'), note: dim('·') } as const
  heading(out, 'What is different on the other side')
  for (const { severity, what, remedy } of drift.slice(0, ROWS_MAX)) {
    out.line(`${marks[severity]} ${printable(what)}`)
    if (remedy !== null) out.line(dim(`    → ${printable(remedy)}`))
  }
  more(drift.length, out)
}

function showApplications({ applications }: FailoverPlan, out: Output): void {
  if (applications.length === 0) return
  const { warn, bad, dim, bold } = out.palette
  heading(out, 'Applications that need care')
  for (const { application, name, evidence, why, todo, missing } of applications.slice(0, ROWS_MAX)) {
    out.line(
      `${warn('!')} ${bold(`${application} ${printable(name)}`)} ${dim(`(${printable(evidence.join('; '))})`)}`,
    )
    for (const lost of missing) out.line(`    ${bad(printable(lost))}`)
    out.line(dim(`    ${why}`))
    for (const one of todo) out.line(`    → ${one}`)
  }
  more(applications.length, out)
}

function showWriters({ transactions, producers, fence, from }: FailoverPlan, out: Output): void {
  const direct = producers.filter(({ throughRoute }) => throughRoute === false)
  if (transactions.length > 0) heading(out, 'Open transactions: the drain waits for them')
  for (const { transactionalId, openMs, hangs, partitions } of transactions.slice(0, ROWS_MAX)) {
    const since = openMs === null ? '' : ` for ${formatDuration(openMs)}`
    out.line(
      `  ${printable(transactionalId)}${since} on ${printable(listed(partitions))}${hangs ? ': hangs' : ''}`,
    )
  }
  more(transactions.length, out)
  heading(out, 'Who does not come through the route')
  out.line(`${fence.state === 'raised' ? ' ' : out.palette.warn('!')} ${printable(fence.text)}`)
  if (direct.length > 0) out.line(`  A switch does not move these, which write to ${from} now:`)
  for (const { producerId, transactionalId, partitions } of direct.slice(0, ROWS_MAX)) {
    const who =
      transactionalId === null ? `producer ${producerId}` : `${transactionalId} (producer ${producerId})`
    out.line(`  ${printable(who)} on ${printable(listed(partitions))}`)
  }
  more(direct.length, out)
}

function showGateways({ gateways, route, from }: FailoverPlan, out: Output): void {
  if (gateways.length === 0) {
    out.line()
    out.line(
      `${out.palette.warn('!')} no gateway serves ${route}: clients must be pointed at the other cluster by hand`,
    )
    return
  }
  heading(out, 'Gateways')
  for (const { id, host, connections, silent, silentMs, lostMs } of gateways.slice(0, ROWS_MAX)) {
    const said = silent
      ? out.palette.bad(`silent for ${formatDuration(silentMs)}`)
      : counted(connections, 'client connection')
    const sight = lostMs === null ? '' : `, has reached no broker of ${from} for ${formatDuration(lostMs)}`
    out.line(`  ${printable(id)} on ${printable(host)}: ${said}${sight}`)
  }
  more(gateways.length, out)
}

function showSteps({ steps }: FailoverPlan, out: Output): void {
  heading(out, 'Steps')
  const rows = out.table(steps, [
    { title: '', value: ({ number }) => number, align: 'right' },
    { title: 'step', value: ({ name }) => name },
    { title: 'about', value: ({ expectedMs }) => formatDuration(expectedMs), align: 'right' },
    { title: 'writers', value: ({ holdsWrites }) => (holdsWrites ? 'wait' : '') },
    { title: 'undo', value: ({ canUndo }) => (canUndo ? 'yes' : 'no') },
    { title: 'what', value: ({ what }) => what, shrink: true },
  ])
  for (const row of rows) out.line(`  ${row}`)
}
