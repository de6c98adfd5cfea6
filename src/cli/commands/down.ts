import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from '../../engine/durable-file.ts'
import { appliedFile } from '../../fleet/file/applied.ts'
import { clusterNames, endLeftovers } from '../../fleet/run/end-leftovers.ts'
import { type RunPaths, runPaths } from '../../fleet/run/run-paths.ts'
import type { SupervisorRecord } from '../../fleet/run/supervisor-record.ts'
import { endSupervisor } from '../../server/end-supervisor.ts'
import { findRunners } from '../../server/find-supervisor.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { confirm } from '../terminal/confirm.ts'

type DownOptions = { readonly deleteData?: true; readonly yes?: true }

/** What `-o json` prints. */
type DownReport = {
  readonly supervisor: number | null
  readonly leftovers: readonly number[]
  readonly deleted: readonly string[]
}

export const down: CommandDefinition<DownOptions> = {
  description:
    'Stops everything that kmc runs for this fleet on this machine: link workers, managed clusters, the supervisor, every ' +
    'kmc serve, and what a killed supervisor left behind. Data stay, unless --delete-data is given.',
  examples: [
    ['kmc down', 'stop; kmc up goes on where it was'],
    ['kmc down --delete-data', 'stop, and remove the managed clusters with all their records'],
  ],
  configure: (command) =>
    command
      .option('--delete-data', 'remove the managed clusters, their data and logs; asks first')
      .option('-y, --yes', 'do not ask'),
  stopMs: 1_000,
  async run(context, options) {
    // The folder is enough: a fleet file that is broken or gone must not keep anything running.
    const directory = dirname(context.fleetPath)
    const paths = runPaths(directory)
    if (options.deleteData) await askFirst(context, paths, options.yes === true)
    const supervisor = await stopSupervisor(context, directory)
    if (context.signal.aborted) return Exit.interrupted
    const leftovers = await stopLeftovers(context, paths)
    const deleted = options.deleteData ? await deleteData(directory, paths) : []
    return await say(context, { supervisor, leftovers, deleted })
  },
}

async function askFirst(context: CommandContext, paths: RunPaths, yes: boolean): Promise<void> {
  const names = await clusterNames(paths)
  if (names.length === 0) return
  const warning = `This removes the clusters ${names.join(', ')} in ${paths.clusters} with all their records`
  await confirm(context, { warning, word: 'delete', yes })
}

async function stopSupervisor({ out, signal }: CommandContext, directory: string): Promise<number | null> {
  const runners = findRunners(directory)
  const end = async (runner: SupervisorRecord) => {
    out.note(`stopping process ${runner.pid} and all it runs …`)
    await endSupervisor(runner, { note: (text) => out.note(text), signal })
  }
  await Promise.all(runners.map(end))
  return runners[0]?.pid ?? null
}

async function stopLeftovers({ out }: CommandContext, paths: RunPaths): Promise<number[]> {
  const found = await endLeftovers(paths)
  const held = found.flatMap((leftover) => ('heldByAnother' in leftover ? [leftover.cluster] : []))
  if (held.length > 0) {
    const message = `another process runs ${held.join(', ')}; it was left alone`
    throw cliError('CLUSTER_HELD', message, { context: { clusters: held } })
  }
  const ended = found.flatMap((leftover) => ('ended' in leftover ? leftover.ended : []))
  if (ended.length > 0) out.note(`ended brokers that were left behind: ${ended.join(', ')}`)
  return ended
}

/** Removes what belongs to this fleet; other things in `.kmc` stay. */
async function deleteData(directory: string, paths: RunPaths): Promise<string[]> {
  const doomed = [paths.clusters, paths.seen, paths.run, paths.logs, appliedFile(directory)]
  for (const path of doomed) await rm(path, { recursive: true, force: true })
  const left = await readdir(paths.data).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (left?.length === 0) await rmdir(paths.data)
  return doomed
}

async function say({ out }: CommandContext, report: DownReport): Promise<ExitCode> {
  await out.value(report, () => {
    const nothing = report.supervisor === null && report.leftovers.length === 0
    out.line(nothing ? 'nothing was running' : 'stopped')
    if (report.deleted.length > 0) out.line('data deleted')
  })
  return Exit.ok
}
