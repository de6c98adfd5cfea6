import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { readIfPresent, writeAtomically } from '../durable-file.ts'
import { isRunning, processIdentity } from './identity.ts'

/** What a pid file says: which process, told apart from any later one with the same pid. */
export type PidRecord = { readonly pid: number; readonly identity: string }

const POLL_MS = 50

/** Remembers a running process; nothing is written when it has already ended. */
export async function writePidFile(path: string, pid: number): Promise<void> {
  const identity = processIdentity(pid)
  if (identity === undefined) return
  await writeAtomically(path, `${JSON.stringify({ pid, identity } satisfies PidRecord)}\n`)
}

/** The process that the file names, if it still runs. A torn or foreign file names nobody. */
export async function readLivePid(path: string): Promise<PidRecord | undefined> {
  const text = await readIfPresent(path)
  if (text === undefined) return undefined
  const record = parsePidRecord(text)
  return record !== undefined && isRunning(record.pid, record.identity) ? record : undefined
}

/** Reads the text of a pid file; undefined for anything that is not one. */
export function parsePidRecord(text: string): PidRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('pid' in value) || !('identity' in value))
    return undefined
  const { pid, identity } = value
  if (!Number.isInteger(pid) || (pid as number) <= 1 || typeof identity !== 'string') return undefined
  return { pid: pid as number, identity }
}

/**
 * Ends what an earlier supervisor left behind: TERM, `graceMs`, KILL. Returns the pid that was ended, or
 * undefined when there was nothing. The caller must hold the lock of the folder, otherwise the process may
 * belong to a live supervisor.
 */
export async function endLeftover(path: string, graceMs: number): Promise<number | undefined> {
  const leftover = await readLivePid(path)
  if (leftover !== undefined) {
    signal(leftover, 'SIGTERM')
    if (!(await ended(leftover, graceMs))) {
      signal(leftover, 'SIGKILL')
      await ended(leftover, graceMs)
    }
  }
  await rm(path, { force: true })
  return leftover?.pid
}

async function ended(record: PidRecord, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (isRunning(record.pid, record.identity)) {
    if (Date.now() >= deadline) return false
    await sleep(POLL_MS)
  }
  return true
}

function signal(record: PidRecord, name: NodeJS.Signals): void {
  if (!isRunning(record.pid, record.identity)) return
  try {
    process.kill(record.pid, name)
  } catch (error) {
    // It may end between the look and the signal; anything else (no permission) must be heard.
    if (isRunning(record.pid, record.identity)) throw error
  }
}
