import { systemClock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import { isRunning } from '../engine/processes/identity.ts'
import type { SupervisorRecord } from '../fleet/run/supervisor-record.ts'
import { askFor } from './control-client.ts'

const POLL_MS = 100
/** Brokers have 20 s from TERM to KILL, workers 10 s. */
const END_TIMEOUT_MS = 45_000
const TERM_TIMEOUT_MS = 30_000

export type EndOptions = {
  /** Told when something harder than asking had to be done. */
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}

/**
 * Ends a supervisor and all it runs: asks it; one that does not answer gets TERM, and at last KILL, after which its
 * workers and brokers end by themselves. Resolves when the process is gone, or at once when `signal` fires.
 */
export async function endSupervisor(record: SupervisorRecord, { note, signal }: EndOptions): Promise<void> {
  const { pid, processStart } = record
  const alive = () => isRunning(pid, processStart)
  const ended = async (withinMs: number): Promise<boolean> => {
    const until = Date.now() + withinMs
    while (alive() && Date.now() < until && !signal.aborted) await systemClock.sleep(POLL_MS, signal)
    return !alive() || signal.aborted
  }
  try {
    await askFor(record, { kind: 'stop' })
    if (await ended(END_TIMEOUT_MS)) return
    note(`process ${pid} has not ended within ${END_TIMEOUT_MS / 1000} s`)
  } catch (error) {
    if (!alive()) return
    note(`process ${pid} does not take the request: ${messageOf(error)}`)
  }
  if (alive()) process.kill(pid, 'SIGTERM')
  if (await ended(TERM_TIMEOUT_MS)) return
  note(`process ${pid} is killed`)
  if (alive()) process.kill(pid, 'SIGKILL')
  await ended(TERM_TIMEOUT_MS)
}
