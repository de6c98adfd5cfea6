import { hostname } from 'node:os'
import { failoverError } from '../errors.ts'
import type { FailoverRecord } from '../state/records.ts'

/** How long after its last word a run is taken to be one that nobody works on. */
export const ABANDONED_MS = 10_000
/** After that gateways put the route back, where that can be done. Producers give up after two minutes. */
export const TAKEN_BACK_AFTER_MS = 45_000
/** A process of this machine that lives is trusted longer: its word may be on its way to a slow cluster. */
const LIVING_FACTOR = 2

/** A run that somebody works on is not disturbed. @throws FAILOVER_RUNNING */
export function refuseBusy(run: FailoverRecord | null, now: number, abandonedMs: number): void {
  if (run === null || run.state !== 'running') return
  const { host, pid, user } = run.runner
  const life = lifeOf(run.runner)
  const silentMs = now - run.at
  const trustedMs = life === 'lives' ? LIVING_FACTOR * abandonedMs : abandonedMs
  if (life === 'gone' || silentMs > trustedMs) return
  const seconds = Math.max(0, Math.round(silentMs / 1_000))
  const goesOnIn = `${Math.max(1, Math.ceil((trustedMs - silentMs) / 1_000))} s`
  const text =
    `route ${run.route} is being moved by ${user} on ${host} (process ${pid}), step ${run.step}; ` +
    `it last spoke ${seconds} s ago`
  const remedy =
    life === 'lives'
      ? `Let it end. If it hangs, end process ${pid}: the same command then goes on with it at once.`
      : `Let it end. If it says nothing more, the same command goes on with it in ${goesOnIn}.`
  throw failoverError('FAILOVER_RUNNING', text, { remedy, context: { route: run.route, step: run.step } })
}

/** Of a process of this machine it can be told at once. */
function lifeOf({ host, pid }: FailoverRecord['runner']): 'lives' | 'gone' | 'elsewhere' {
  if (host !== hostname()) return 'elsewhere'
  try {
    process.kill(pid, 0)
    return 'lives'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? 'gone' : 'lives'
  }
}
