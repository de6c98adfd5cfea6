import { isRunning } from '../engine/processes/identity.ts'
import { runPaths } from '../fleet/run/run-paths.ts'
import { readSupervisorRecord, type SupervisorRecord } from '../fleet/run/supervisor-record.ts'

/**
 * The supervisor that runs the fleet of this folder now, or null. A record whose process is gone, or whose pid
 * belongs to another process by now, counts as none.
 */
export function findSupervisor(fleetDirectory: string): SupervisorRecord | null {
  const record = readSupervisorRecord(runPaths(fleetDirectory).supervisorRecord)
  return record !== null && isRunning(record.pid, record.processStart) ? record : null
}
