import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * A text that tells one process from every other that ever had or will have its pid: the instant at which it
 * started, with the machine's boot on Linux. undefined when the process does not run (a zombie does not run).
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid)
}

/** True while the process that had this identity runs; never true for another process that got its pid. */
export function isRunning(pid: number, identity: string): boolean {
  return processIdentity(pid) === identity
}

/** proc(5): field 3 of /proc/PID/stat is the state, field 22 the start time in ticks since boot. */
function linuxIdentity(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The command in field 2 may hold blanks and brackets; the fields after its last bracket are plain.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  const startTicks = fields[19]
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined
  const boot = readOrUndefined('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown'
  return `${boot}/${startTicks}`
}

function psIdentity(pid: number): string | undefined {
  try {
    const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
    const args = ['-o', 'state=,lstart=', '-p', String(pid)]
    const text = execFileSync('ps', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const [state, ...start] = text.trim().split(/\s+/)
    if (state === undefined || state === '' || state.startsWith('Z')) return undefined
    return start.join(' ')
  } catch {
    // ps exits with 1 when there is no such process.
    return undefined
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // The process is gone, which is what the caller asks about.
    return undefined
  }
}
