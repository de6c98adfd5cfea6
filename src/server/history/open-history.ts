import { join } from 'node:path'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import { serverDefaults } from '../../fleet/file/server-schema.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'
import { LagHistory } from '../../observe/history/history.ts'

const DAY_MS = 24 * 60 * 60_000
const MIB = 1024 * 1024

/**
 * The history of lags beside the fleet file; null where none is wanted, or another process of this folder keeps it. A
 * server must not stay down for want of it, so what hinders it is logged.
 */
export function openHistory({ fleet, directory }: LoadedFleet, log: Log): LagHistory | null {
  const { days, mib } = (fleet.server ?? serverDefaults).history
  if (days === 0) return null
  const path = join(runPaths(directory).seen, 'history.sqlite')
  try {
    return new LagHistory(path, { log, keepMs: days * DAY_MS, bytesMax: mib * MIB })
  } catch (error) {
    log.warn({ path, why: messageOf(error) }, 'no history of lags is kept by this process')
    return null
  }
}
