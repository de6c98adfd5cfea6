import { setTimeout as sleep } from 'node:timers/promises'
import { signalled } from '../../harness/kmc.ts'

/** Stops a process for a while and wakes it. One that ended by then needs no waking. */
export async function pause(pid: number, forMs: number): Promise<void> {
  if (!signalled(pid, 'SIGSTOP')) return
  await sleep(forMs)
  signalled(pid, 'SIGCONT')
}
