import { setTimeout as sleep } from 'node:timers/promises'

/** Stops a process for a while, and wakes it whatever happens meanwhile. One that ended by then needs no waking. */
export async function pause(pid: number, forMs: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  try {
    await sleep(forMs)
  } finally {
    try {
      process.kill(pid, 'SIGCONT')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}
