import { dirname } from 'node:path'
import { KmcError } from '../base/error.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import { statusFromClusters } from '../fleet/run/status-from-clusters.ts'
import { fetchStatus } from './control-client.ts'
import { findSupervisor } from './find-supervisor.ts'

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
  const supervisor = findSupervisor(directory)
  if (supervisor === null) return { status: await statusFromClusters(await load(), signal), problem: null }
  try {
    return { status: await fetchStatus(supervisor), problem: null }
  } catch (problem) {
    if (!(problem instanceof KmcError)) throw problem
    const status = await statusFromClusters(await load(), signal)
    const { pid, startedAt } = supervisor
    return { status: { ...status, supervisor: { pid, startedAt, phase: 'silent' } }, problem }
  }
}
