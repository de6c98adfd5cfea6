import { knownLink } from '../../fleet/apply/known-link.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import type { PartitionVerdict, VerifyReport } from '../../link/verify/report.ts'
import { verifyLink } from '../../link/verify/verify.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'
import type { Output } from '../output.ts'
import type { Palette } from '../terminal/color.ts'
import { LiveArea } from '../terminal/progress.ts'
import { type Column, groupDigits } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { formatDuration } from '../terminal/units.ts'

type VerifyCommandOptions = { readonly topic: readonly string[] }

export const verify: CommandDefinition<VerifyCommandOptions> = {
  description:
    'Compares both sides of a link as a read_committed consumer sees them: offset, timestamp, key, value and headers of ' +
    'every record, up to where the mirror stood when this began. The link may go on meanwhile. Compacted topics are ' +
    'compared by the newest record of every key. Exit code 3: the sides differ; the first differing offset is named.',
  examples: [
    ['kmc verify dr', 'all mirrors of the link'],
    ['kmc verify dr --topic orders --topic payments', 'these alone'],
  ],
  configure: (command) =>
    command
      .argument('<link>', 'a link of the fleet file')
      .option('--topic <name>', 'only this topic of the source; may be repeated', collect, []),
  async run(context, options, [name]) {
    const { out, signal } = context
    const { loaded, link } = await knownLink(context.fleetPath, name!)
    const access = (cluster: string) => clusterConfig(loaded.fleet.clusters[cluster]!, loaded.directory)
    const [source, destination] = await Promise.all([access(link.from), access(link.to)])
    const live = new LiveArea(out.stderr)
    const report = await verifyLink(linkSpec(link, source, destination), {
      signal,
      ...(options.topic.length > 0 && { topics: options.topic }),
      onProgress: ({ partitionsDone, partitions, records }) => {
        const count = groupDigits(Math.floor(records))
        const text = `comparing: ${partitionsDone} of ${partitions} partitions, ${count} records`
        if (out.format === 'table') live.draw([out.palette.dim(text)])
      },
    }).finally(() => live.clear())
    await out.value(report, () => {
      for (const line of verifyLines(report, out)) out.line(line)
    })
    return verdictExitCode(report)
  },
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

/** The table of partitions and the verdict in one line. */
export function verifyLines(report: VerifyReport, out: Output): string[] {
  return [...out.table(report.partitions, verdictColumns(out.palette)), '', verdictLine(report, out.palette)]
}

/** A side that could not be read proves nothing: that is a failure (1), not a difference (3). */
export function verdictExitCode({ equal, partitions }: VerifyReport): ExitCode {
  if (equal) return Exit.ok
  return partitions.some((one) => !one.equal && one.problem === null) ? Exit.differences : Exit.failed
}

function verdictColumns(palette: Palette): Column<PartitionVerdict>[] {
  return [
    { title: 'topic', value: ({ topic }) => printable(topic), shrink: true },
    { title: 'partition', value: ({ partition }) => partition, align: 'right' },
    { title: 'from', value: ({ from }) => from, align: 'right' },
    { title: 'to', value: ({ to }) => to, align: 'right' },
    { title: 'records', value: ({ records }) => records, align: 'right' },
    { title: 'compared', value: ({ compared }) => compared },
    {
      title: 'result',
      value: resultOf,
      paint: (text, { equal }) => (equal ? palette.good(text) : palette.bad(text)),
    },
  ]
}

function resultOf({ equal, firstDifference, problem }: PartitionVerdict): string {
  if (equal) return 'equal'
  if (problem !== null) return printable(problem)
  return firstDifference === null ? 'differs' : `differs from offset ${groupDigits(firstDifference)} on`
}

/** `12,345 records in 9 partitions compared in 1.2 s: equal`. */
export function verdictLine(report: VerifyReport, palette: Palette): string {
  const { partitions, records, equal, startedAt, finishedAt } = report
  const size = `${groupDigits(records)} records in ${groupDigits(partitions.length)} partitions`
  const text = `${size} compared in ${formatDuration(finishedAt - startedAt)}`
  if (equal) return `${text}: ${palette.good('both sides are equal')}`
  const bad = partitions.filter((one) => !one.equal)
  const names = bad.slice(0, 5).map(({ topic, partition }) => printable(`${topic}-${partition}`))
  const more = bad.length > names.length ? ` and ${bad.length - names.length} more` : ''
  const what = bad.every(({ problem }) => problem !== null) ? 'could not be compared' : 'differ'
  return `${text}: ${palette.bad(`${names.join(', ')}${more} ${what}`)}`
}
