import { dirname } from 'node:path'
import { KmcError } from '../base/error.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import { statusFromClusters } from '../fleet/run/status-from-clusters.ts'
import { fetchStatus } from './control-client.ts'
import { findRunners, findSupervisor } from './find-supervisor.ts'
import { mergeFleets } from './merge-fleets.ts'

/** What the supervisor of this folder says; null where none runs. @throws CONTROL_UNREACHABLE */
export async function supervisorStatus(fleetDirectory: string): Promise<FleetStatus | null> {
  const supervisor = findSupervisor(fleetDirectory)
  return supervisor === null ? null : await fetchStatus(supervisor)
}

/** `problem` is why a supervisor that runs could not be asked. */
export type Answer = { readonly status: FleetStatus; readonly problem: KmcError | null }

/** How a fleet is, from whoever knows best: its supervisor where one runs and answers, else the clusters themselves. */
export function fleetStatus(loaded: LoadedFleet, signal: AbortSignal): Promise<Answer> {
  return statusOf(loaded.directory, async () => loaded, signal)
}

/** The same for a fleet file, which is read only when no supervisor answers: a broken file hides nothing that runs. */
export function fleetStatusAt(fleetPath: string, signal: AbortSignal): Promise<Answer> {
  return statusOf(dirname(fleetPath), () => openFleet(fleetPath), signal)
}

async function statusOf(
  directory: string,
  load: () => Promise<LoadedFleet>,
  signal: AbortSignal,
): Promise<Answer> {
  const runners = findRunners(directory)
  if (runners.length === 0) return { status: await statusFromClusters(await load(), signal), problem: null }
  const answers = await Promise.allSettled(runners.map(fetchStatus))
  const statuses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  const failure = answers.find((answer) => answer.status === 'rejected')?.reason as unknown
  if (failure !== undefined && !(failure instanceof KmcError)) throw failure
  const problem = failure ?? null
  if (statuses.length > 0) return { status: mergeFleets(statuses), problem }
  const status = await statusFromClusters(await load(), signal)
  const { pid, startedAt } = runners[0]!
  return { status: { ...status, supervisor: { pid, startedAt, phase: 'silent' } }, problem }
}
