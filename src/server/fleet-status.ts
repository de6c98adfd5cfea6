import { KmcError } from '../base/error.ts'
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

/**
 * How a fleet is, from whoever knows best: its supervisor where one runs and answers, else the clusters themselves.
 * `problem` is why a supervisor that runs could not be asked.
 */
export async function fleetStatus(
  loaded: LoadedFleet,
  signal: AbortSignal,
): Promise<{ readonly status: FleetStatus; readonly problem: KmcError | null }> {
  const supervisor = findSupervisor(loaded.directory)
  let problem: KmcError | null = null
  if (supervisor !== null) {
    try {
      return { status: await fetchStatus(supervisor), problem }
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      problem = error
    }
  }
  const status = await statusFromClusters(loaded, signal)
  if (supervisor === null) return { status, problem }
  const { pid, startedAt } = supervisor
  return { status: { ...status, supervisor: { pid, startedAt, phase: 'silent' } }, problem }
}
