import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { engineError } from './errors.ts'

const POLL_MS = 100
/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

/**
 * A lock between processes that the kernel releases when its holder dies, however it dies.
 *
 * Node has no flock(2), but SQLite takes fcntl(2) locks on its database file, so an exclusive transaction on
 * an otherwise empty database is exactly such a lock: no stale lock files, no guessing by pid. It also holds
 * between two users of this class in one process.
 */
export class FileLock {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** Takes the lock at `path` (made when missing), or gives undefined when somebody else holds it. */
  static tryAcquire(path: string): FileLock | undefined {
    mkdirSync(dirname(path), { recursive: true })
    const database = new DatabaseSync(path, { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
      return new FileLock(database)
    } catch (error) {
      database.close()
      if (isBusy(error)) return undefined
      throw error
    }
  }

  /**
   * Waits for the lock; LOCK_TIMEOUT when it is not free within `waitMs`. `onWait` is called once if it has
   * to wait.
   */
  static async acquire(
    path: string,
    waitMs: number,
    { onWait, signal }: { readonly onWait?: () => void; readonly signal?: AbortSignal } = {},
  ): Promise<FileLock> {
    const deadline = Date.now() + waitMs
    for (let attempt = 0; ; attempt++) {
      const lock = FileLock.tryAcquire(path)
      if (lock !== undefined) return lock
      if (Date.now() >= deadline) {
        throw engineError('LOCK_TIMEOUT', `The lock ${path} was not free within ${waitMs} ms`)
      }
      if (attempt === 0) onWait?.()
      await sleep(POLL_MS, undefined, signal === undefined ? {} : { signal })
    }
  }

  release(): void {
    this.#database.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}
