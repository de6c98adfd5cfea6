import { systemClock } from '../../base/clock.ts'
import type { FleetStatus, LinkOverview } from '../../fleet/run/fleet-status.ts'
import { fleetStatusAt } from '../../server/fleet-status.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { rowsThatFit, statusLines } from '../status-view.ts'
import { LiveArea } from '../terminal/progress.ts'
import { groupDigits } from '../terminal/table.ts'
import { formatBytes, formatInstant, formatRate, parseDuration } from '../terminal/units.ts'

type StatusOptions = { readonly watch?: true; readonly interval: string }

export const status: CommandDefinition<StatusOptions> = {
  description:
    'Shows clusters, links and mirrors with their lag in records, bytes and seconds, consumer groups, and every fault ' +
    'with what to do. Without a supervisor on this machine it says so and shows what the clusters themselves know. ' +
    'What is not known is - in tables and null in JSON, never 0.',
  examples: [
    ['kmc status', 'everything, once'],
    ['kmc status --watch', 'redrawn every second; on a pipe a line a link'],
    ['kmc status -o json', 'for programs; docs/reference/json.md names every field'],
  ],
  configure: (command) =>
    command
      .option('-w, --watch', 'go on until Ctrl-C')
      .option('--interval <duration>', 'how often --watch looks', '1s'),
  async run(context, options) {
    const everyMs = parseDuration(options.interval, '--interval')
    return options.watch ? await watch(context, everyMs) : await once(context)
  },
}

async function once({ out, fleetPath, signal }: CommandContext): Promise<ExitCode> {
  const { status, problem } = await fleetStatusAt(fleetPath, signal)
  if (problem !== null) out.problem(problem)
  await out.value(status, () => {
    for (const line of statusLines(status, out, { rowsMax: null })) out.line(line)
  })
  return Exit.ok
}

async function watch({ out, fleetPath, signal }: CommandContext, everyMs: number): Promise<ExitCode> {
  const live = new LiveArea(out.stdout)
  while (!signal.aborted) {
    const { status } = await fleetStatusAt(fleetPath, signal)
    if (out.format !== 'table') out.line(JSON.stringify(status))
    else if (out.isInteractive) {
      live.draw(statusLines(status, out, { rowsMax: rowsThatFit(status, process.stdout.rows) }))
    } else for (const line of pipeLines(status)) out.line(line)
    await systemClock.sleep(everyMs, signal)
  }
  return Exit.ok
}

function pipeLines(status: FleetStatus): string[] {
  const at = formatInstant(status.at)
  if (status.links.length > 0) return status.links.map((link) => `${at} ${linkLine(link)}`)
  return status.clusters.map(({ name, state }) => `${at} ${name} ${state}`)
}

function linkLine({ name, state, lag, rate, fault }: LinkOverview): string {
  const words = [
    name,
    state,
    `lag ${lag.records === null ? '-' : groupDigits(lag.records)} records`,
    lag.bytes === null ? '- bytes' : formatBytes(lag.bytes),
    lag.seconds === null ? '- s' : `${lag.seconds.toFixed(1)} s`,
    rate === null ? '-/s' : formatRate(rate.recordsPerSecond),
    ...(fault === null ? [] : [fault.code]),
  ]
  return words.join('  ')
}
