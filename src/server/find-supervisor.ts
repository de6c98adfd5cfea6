import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning } from '../engine/processes/identity.ts'
import { runPaths } from '../fleet/run/run-paths.ts'
import { readSupervisorRecord, type SupervisorRecord } from '../fleet/run/supervisor-record.ts'

/**
 * The supervisor that runs the fleet of this folder now, or null. A record whose process is gone, or whose pid
 * belongs to another process by now, counts as none.
 */
export function findSupervisor(fleetDirectory: string): SupervisorRecord | null {
  return living(runPaths(fleetDirectory).supervisorRecord)
}

/** All processes that run links of this folder's fleet now: its supervisor, and each `kmc serve`. */
export function findRunners(fleetDirectory: string): SupervisorRecord[] {
  const { run, supervisorRecord } = runPaths(fleetDirectory)
  const names = existsSync(run) ? readdirSync(run).filter((name) => /^serve-\d+\.json$/.test(name)) : []
  const files = [supervisorRecord, ...names.sort().map((name) => join(run, name))]
  return files.flatMap((file) => living(file) ?? [])
}

function living(file: string): SupervisorRecord | null {
  const record = readSupervisorRecord(file)
  return record !== null && isRunning(record.pid, record.processStart) ? record : null
}
