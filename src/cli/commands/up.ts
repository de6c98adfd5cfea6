import { Option } from 'commander'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { startReporter } from '../detach.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { resumeOption } from '../plan-view.ts'
import { type PortOptions, portOptions, portsOf } from '../ports.ts'
import { parseDuration } from '../terminal/units.ts'
import { runDetached } from '../up/detached.ts'
import { backgroundScreen, foregroundScreen } from '../up/screen.ts'
import { supervise } from '../up/supervise.ts'

type UpOptions = PortOptions & {
  readonly detach?: true
  readonly wait: string
  readonly resume: readonly string[]
  readonly inBackground?: true
}
type How = ReturnType<typeof portsOf> & {
  readonly settleMs: number
  readonly resume: readonly string[]
}

export const up: CommandDefinition<UpOptions> = {
  description:
    'Starts what the fleet file declares and keeps it running: managed clusters side by side, then links. What changed ' +
    'in the file since the last time is planned and applied first. Runs until Ctrl-C or kmc down; data stay.',
  examples: [
    ['kmc up', 'in the foreground, with live status; Ctrl-C ends everything'],
    ['kmc up --detach', 'in the background; returns when clusters are ready and links are active'],
  ],
  configure: (command) =>
    resumeOption(
      portOptions(command)
        .option('-d, --detach', 'run in the background')
        .option('--wait <duration>', 'how long links may take to become active', '60s')
        .addOption(new Option('--in-background').hideHelp()),
    ),
  stopMs: 90_000,
  async run(context, options) {
    const settleMs = parseDuration(options.wait, '--wait')
    const how = { settleMs, resume: options.resume, ...portsOf(options) }
    if (options.inBackground) return await inBackground(context, how)
    if (options.detach) return await runDetached(context, options)
    return await inForeground(context, how)
  },
}

async function inForeground(context: CommandContext, how: How): Promise<ExitCode> {
  const loaded = await openFleet(context.fleetPath)
  for (const { line, message } of loaded.remarks) context.out.note(`${loaded.file}:${line}: ${message}`)
  const { out, signal } = context
  await supervise({ loaded, watcher: foregroundScreen(out), signal, ...how })
  out.note('stopped')
  // Ctrl-C is the way to end this command, so it is no failure.
  return Exit.ok
}

/** The process that `up --detach` leaves behind. */
async function inBackground(context: CommandContext, how: How): Promise<ExitCode> {
  const reporter = startReporter()
  try {
    const loaded = await openFleet(context.fleetPath)
    const signal = AbortSignal.any([context.signal, reporter.abandoned])
    const watcher = backgroundScreen(reporter.progress, reporter.ready)
    await supervise({ loaded, watcher, signal, ...how })
    return Exit.ok
  } catch (error) {
    await reporter.failed(error)
    throw error
  }
}
