import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Environment variable that marks every process of a run, those started by started processes included. */
export const RUN_MARK = 'KMC_TEST_RUN'

export type Leftover = { readonly pid: number; readonly command: string }

/** Processes that carry the mark of this run and still live. */
export function leftovers(mark: string): Leftover[] {
  return process.platform === 'linux' ? fromProc(mark) : fromPs(mark)
}

function fromProc(mark: string): Leftover[] {
  const found: Leftover[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const environment = readIfThere(`/proc/${name}/environ`)
    if (!environment.split('\0').includes(`${RUN_MARK}=${mark}`)) continue
    const command = readIfThere(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim()
    // A zombie has no command line: it has ended, and its parent will collect it.
    if (command !== '') found.push({ pid: Number(name), command })
  }
  return found
}

/** Processes of other users, and those that end while we look, cannot be read and are not ours. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** macOS: `e` appends the environment to the command of one's own processes. */
function fromPs(mark: string): Leftover[] {
  const lines = execFileSync('ps', ['axeww', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  }).split('\n')
  return lines
    .filter((line) => line.includes(`${RUN_MARK}=${mark}`))
    .map((line) => ({ pid: Number.parseInt(line, 10), command: line.trim().slice(0, 200) }))
    .filter(({ pid }) => pid !== process.pid)
}

/** Waits until none is left; after `graceMs` ends the rest with -9 and returns them, which is a failure. */
export async function endLeftovers(mark: string, graceMs: number): Promise<Leftover[]> {
  const until = Date.now() + graceMs
  let left = leftovers(mark)
  while (left.length > 0 && Date.now() < until) {
    await new Promise((done) => setTimeout(done, 200))
    left = leftovers(mark)
  }
  for (const { pid } of left) killIfThere(pid)
  return left
}

/** Kills the processes of this run whose command line fits. */
export function killMarked(fits: (command: string) => boolean): void {
  const mark = process.env[RUN_MARK]
  if (mark === undefined) return
  for (const { pid, command } of leftovers(mark)) if (fits(command)) killIfThere(pid)
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
