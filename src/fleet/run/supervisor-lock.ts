import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A lock that the kernel holds for this process and frees when it ends, however it ends. */
export type SupervisorLock = { release(): void }

const SQLITE_BUSY = 5

/**
 * Takes the lock, or gives null when another process of this machine has it. Node has no flock; SQLite's
 * exclusive transaction is one (fcntl) on Linux and macOS, and unlike a pid file it cannot be left behind.
 * Nothing else may open the file: closing any other handle of it in this process would free the lock.
 */
export function takeSupervisorLock(file: string): SupervisorLock | null {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // Without a rollback journal in a file, nothing is ever written.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null
    throw error
  }
  return { release: () => database.close() }
}
