import { Option } from 'commander'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'
import { startProgress } from '../../fleet/run/settled.ts'
import { fetchStatus } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { startDetached, startReporter } from '../detach.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { statusLines } from '../status-view.ts'
import { LiveArea } from '../terminal/progress.ts'
import { parseDuration } from '../terminal/units.ts'
import { backgroundScreen, foregroundScreen } from '../up/screen.ts'
import { supervise } from '../up/supervise.ts'

type UpOptions = { readonly detach?: true; readonly wait: string; readonly inBackground?: true }

export const up: CommandDefinition<UpOptions> = {
  description:
    'Starts what the fleet file declares and keeps it running: managed clusters side by side, then links. What changed ' +
    'in the file since the last time is planned and applied first. Runs until Ctrl-C or kmc down; data stay.',
  examples: [
    ['kmc up', 'in the foreground, with live status; Ctrl-C ends everything'],
    ['kmc up --detach', 'in the background; returns when clusters are ready and links are active'],
  ],
  configure: (command) =>
    command
      .option('-d, --detach', 'run in the background')
      .option('--wait <duration>', 'how long links may take to become active', '60s')
      .addOption(new Option('--in-background').hideHelp()),
  stopMs: 90_000,
  async run(context, options) {
    const settleMs = parseDuration(options.wait, '--wait')
    if (options.inBackground) return await inBackground(context, settleMs)
    return options.detach ? await detached(context) : await inForeground(context, settleMs)
  },
}

async function inForeground(context: CommandContext, settleMs: number): Promise<ExitCode> {
  const loaded = await openFleet(context.fleetPath)
  for (const { line, message } of loaded.remarks) context.out.note(`${loaded.file}:${line}: ${message}`)
  const { out, signal } = context
  await supervise({ loaded, watcher: foregroundScreen(out), signal, settleMs })
  out.note('stopped')
  // Ctrl-C is the way to end this command, so it is no failure.
  return Exit.ok
}

/** The process that `up --detach` leaves behind. */
async function inBackground(context: CommandContext, settleMs: number): Promise<ExitCode> {
  const reporter = startReporter()
  try {
    const loaded = await openFleet(context.fleetPath)
    const signal = AbortSignal.any([context.signal, reporter.abandoned])
    const watcher = backgroundScreen(reporter.progress, reporter.ready)
    await supervise({ loaded, watcher, signal, settleMs })
    return Exit.ok
  } catch (error) {
    reporter.failed(error)
    throw error
  }
}

async function detached(context: CommandContext): Promise<ExitCode> {
  const { out, signal, fleetPath } = context
  const { directory } = await openFleet(fleetPath)
  const live = new LiveArea(out.stderr)
  const onProgress = (text: string) => {
    if (out.format === 'table' && live.isLive) live.draw([out.palette.dim(`${text} …`)])
    else out.note(text)
  }
  const consoleFile = `${runPaths(directory).logs}/supervisor.out`
  try {
    await startDetached({ fleetPath, consoleFile, onProgress, signal })
  } finally {
    live.clear()
  }
  if (signal.aborted) return Exit.interrupted
  const supervisor = findSupervisor(directory)
  if (supervisor === null)
    throw cliError('SUPERVISOR_NOT_STARTED', `the supervisor has ended; see ${consoleFile}`)
  const status = await fetchStatus(supervisor)
  await out.value(status, () => {
    for (const line of statusLines(status, out, { rowsMax: null })) out.line(line)
  })
  return startExitCode(status, context)
}

/** Links that do not work are a failed start, though the supervisor stays and goes on trying. */
function startExitCode(status: FleetStatus, { out }: CommandContext): ExitCode {
  const { working, pending, faulted } = startProgress(status)
  if (pending.length + faulted.length === 0) return Exit.ok
  const names = [...faulted, ...pending].map(({ name }) => name).join(', ')
  const all = status.links.length
  out.problem(
    cliError('LINKS_NOT_ACTIVE', `${working.length} of ${all} links work; not: ${names}`, {
      context: { links: [...faulted, ...pending].map(({ name, state, fault }) => ({ name, state, fault })) },
    }),
  )
  return Exit.failed
}
