import { openFleet } from '../../fleet/apply/open-fleet.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'
import { startProgress } from '../../fleet/run/settled.ts'
import { fetchSignInLink, fetchStatus } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandContext } from '../command.ts'
import { startDetached } from '../detach.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import type { PortOptions } from '../ports.ts'
import { consoleWords } from '../sign-in-words.ts'
import { statusLines } from '../status-view.ts'
import { LiveArea } from '../terminal/progress.ts'

export type DetachedOptions = PortOptions & {
  readonly wait?: string
  readonly resume?: readonly string[]
}

/** Starts a supervisor in the background, waits until the fleet works, and prints how it is. */
export async function runDetached(context: CommandContext, options: DetachedOptions): Promise<ExitCode> {
  const { out, signal, fleetPath } = context
  const { directory } = await openFleet(fleetPath)
  const live = new LiveArea(out.stderr)
  const onProgress = (text: string) => {
    if (out.format === 'table' && live.isLive) live.draw([out.palette.dim(`${text} …`)])
    else out.note(text)
  }
  const consoleFile = `${runPaths(directory).logs}/supervisor.out`
  const args = [
    ...(options.wait === undefined ? [] : ['--wait', options.wait]),
    ...(options.consolePort === undefined ? [] : ['--console-port', options.consolePort]),
    ...(options.metricsPort === undefined ? [] : ['--metrics-port', options.metricsPort]),
    ...(options.resume ?? []).flatMap((mirror) => ['--resume', mirror]),
  ]
  try {
    await startDetached({ fleetPath, args, consoleFile, onProgress, signal })
  } finally {
    live.clear()
  }
  if (signal.aborted) return Exit.interrupted
  const supervisor = findSupervisor(directory)
  if (supervisor === null) {
    throw cliError(
      'SUPERVISOR_NOT_STARTED',
      `the supervisor has ended; what it said stands in ${consoleFile}`,
    )
  }
  const status = await fetchStatus(supervisor)
  await out.value(status, () => {
    for (const line of statusLines(status, out, { rowsMax: null })) out.line(line)
  })
  out.note(consoleWords(await fetchSignInLink(supervisor)))
  return startExitCode(status, context)
}

/** Links that do not work are a failed start, though the supervisor stays and goes on trying. */
function startExitCode(status: FleetStatus, { out }: CommandContext): ExitCode {
  const { working, pending, faulted } = startProgress(status)
  const others = [...faulted, ...pending]
  if (others.length === 0) return Exit.ok
  const names = others.map(({ name }) => name).join(', ')
  out.problem(
    cliError('LINKS_NOT_ACTIVE', `${working.length} of ${status.links.length} links work; not: ${names}`, {
      context: { links: others.map(({ name, state, fault }) => ({ name, state, fault })) },
    }),
  )
  return Exit.failed
}
