import { hostname } from 'node:os'
import { failoverError } from '../errors.ts'
import type { FailoverRecord } from '../state/records.ts'

/** How long after its last word a run is taken to be one that nobody works on. */
export const ABANDONED_MS = 10_000

/** A run that somebody works on is not disturbed. @throws FAILOVER_RUNNING */
export function refuseBusy(run: FailoverRecord | null, now: number, abandonedMs: number): void {
  if (run === null || run.state !== 'running' || now - run.at > abandonedMs || isGone(run.runner)) return
  const { host, pid, user } = run.runner
  const text = `route ${run.route} is being moved by ${user} on ${host} (process ${pid}), step ${run.step}`
  throw failoverError('FAILOVER_RUNNING', text, { context: { route: run.route, step: run.step } })
}

/** Of a process of this machine it can be told at once. */
function isGone({ host, pid }: FailoverRecord['runner']): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
