import { KmcError } from '../../base/error.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import { takenTopics } from '../../fleet/file/check/topics.ts'
import type { LinkDeclaration, LoadedFleet } from '../../fleet/file/fleet.ts'
import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import type { LinkLimit } from '../../link/budget/limit.ts'
import { type Priorities, priorityWeights } from '../../link/budget/priority.ts'
import { carries, surveyTravel } from '../../link/travel/survey.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { budgetText, faultLines, groupTable, lagText, mirrorTable } from '../status-view.ts'
import { groupDigits } from '../terminal/table.ts'
import { formatBytes, formatInstant, formatRate } from '../terminal/units.ts'
import { type Survey, travelSummary } from '../travel-view.ts'

export const linkDescribe: CommandDefinition = {
  description:
    'Shows everything known of one link: what it takes, its worker, mirrors, groups, counts and faults.',
  examples: [['kmc link describe dr', 'the link dr']],
  configure: (command) => command.argument('<link>', 'a link of the fleet file'),
  async run(context, _options, [name]) {
    const { loaded, link } = await knownLink(context.fleetPath, name!)
    const { status, problem } = await fleetStatus(loaded, context.signal)
    if (problem !== null) context.out.problem(problem)
    const overview = status.links.find((one) => one.name === link.name) ?? null
    const { name: _, from, to, ...declared } = link
    const survey = carries(link.travel) ? await dryRun(loaded, link) : null
    const described = { name: link.name, from, to, declared, ...overview, survey }
    await context.out.value(described, () => {
      describe(context, link, overview, status.at)
      for (const line of travelSummary(overview?.travel ?? null, survey)) context.out.line(line)
    })
    return Exit.ok
  },
}

/** What would be carried over now, entry by entry, or why that is not known. */
async function dryRun(loaded: LoadedFleet, link: LinkDeclaration): Promise<Survey> {
  try {
    const access = (cluster: string) => clusterConfig(loaded.fleet.clusters[cluster]!, loaded.directory)
    const [source, destination] = await Promise.all([access(link.from), access(link.to)])
    return await surveyTravel(linkSpec(link, source, destination))
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return { trouble: error.message }
  }
}

function describe(
  { out }: CommandContext,
  link: LinkDeclaration,
  overview: LinkOverview | null,
  nowMs: number,
): void {
  out.fields([
    ['link', link.name],
    ['from', link.from],
    ['to', link.to],
    ['topics', takenTopics(link).join(' ')],
    ['groups', link.groups.join(' ') || 'none'],
    ['prefix', link.prefix || 'none'],
    ['start', startText(link)],
    ...idsFields(link),
    ...(link.limit === undefined ? [] : [['limit', limitText(link.limit)] as [string, string]]),
    ...(link.priority === undefined ? [] : [['priority', priorityText(link.priority)] as [string, string]]),
    ...(overview === null ? [] : stateFields(overview)),
  ])
  if (overview === null) return
  for (const lines of [
    mirrorTable([overview], out),
    groupTable([overview], out, nowMs),
    faultLines([overview], out),
  ]) {
    if (lines.length === 0) continue
    out.line()
    for (const line of lines) out.line(line)
  }
}

function idsFields({ to, producerIdsFrom }: LinkDeclaration): [string, string][] {
  return producerIdsFrom === 0
    ? []
    : [['producer ids', `${to} hands out ${groupDigits(producerIdsFrom)} and up`]]
}

function startText({ start }: LinkDeclaration): string {
  if (start.at === 'time') return formatInstant(start.timestampMs)
  if (start.at === 'offsets') return `given offsets of ${Object.keys(start.offsets).join(', ')}`
  return start.at
}

function limitText({ bytesPerSecond, windows, zone }: LinkLimit): string {
  const text = bytesPerSecond === null ? 'unlimited' : `${formatBytes(bytesPerSecond)}/s`
  return windows.length === 0 ? text : `${text}, ${windows.length} times of the week otherwise (${zone})`
}

function priorityText(priority: Priorities): string {
  const words = new Map<number, string>(
    Object.entries(priorityWeights).map(([word, weight]) => [weight, word]),
  )
  return priority.map(({ topics, weight }) => `${topics} ${words.get(weight) ?? weight}`).join(', ')
}

const GAP_TEXTS = {
  markers: 'filled by markers',
  transactions: 'filled by empty transactions, slowly: no ALTER on the cluster',
} as const

function stateFields(overview: LinkOverview): [string, string][] {
  const { state, generation, gaps, lag, rate, counters, budget, worker, workers } = overview
  const fields: [string, string][] = [
    ['state', state],
    ['lag', lagText(lag)],
  ]
  if (generation !== null) fields.push(['generation', String(generation)])
  if (gaps !== undefined) fields.push(['gap filling', GAP_TEXTS[gaps]])
  if (rate !== null) {
    const text = `${formatRate(rate.recordsPerSecond)}, ${formatBytes(rate.bytesPerSecond)}/s`
    fields.push(['rate', text])
  }
  if (budget !== null) fields.push(['budget', budgetText(budget)])
  if (workers.length > 0) {
    const named = workers.map(({ name, leads }) => (leads ? `${name} (leads)` : name))
    fields.push(['shared by', named.join(', ')])
  }
  if (worker !== null) {
    const pid = worker.pid === null ? '' : `, process ${worker.pid}`
    fields.push(['worker', `${worker.state}${pid}, started again ${worker.restarts} times`])
    if (worker.lastEnd !== null) {
      fields.push([
        'last end',
        `${formatInstant(worker.lastEnd.at)} ${worker.lastEnd.why}: ${worker.lastEnd.detail}`,
      ])
    }
  }
  if (counters !== null) {
    const { records, bytes, gapOffsets, recutBatches, recoveries } = counters
    fields.push(['copied', `${groupDigits(records)} records, ${formatBytes(bytes)} by this worker`])
    fields.push([
      'gaps',
      `${groupDigits(gapOffsets)} offsets filled, ${groupDigits(recutBatches)} batches recut`,
    ])
    fields.push(['recoveries', groupDigits(recoveries)])
  }
  return fields
}
