import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from '../../harness/kmc.ts'

/** Stops a process for a while and wakes it. One that ended by then needs no waking. */
export async function pause(pid: number, forMs: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await sleep(forMs)
  if (isAlive(pid)) process.kill(pid, 'SIGCONT')
}
