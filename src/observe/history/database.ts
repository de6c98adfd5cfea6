import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Log } from '../../base/log.ts'
import { observeError } from '../errors.ts'

/** Result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = 5
const CORRUPT = 11
const NOT_A_DATABASE = 26

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE IF NOT EXISTS samples (
    series INTEGER NOT NULL, level INTEGER NOT NULL, at INTEGER NOT NULL,
    records INTEGER, bytes INTEGER, seconds REAL,
    PRIMARY KEY (series, level, at)
  ) STRICT, WITHOUT ROWID;
`

/**
 * Opens the file of the history, making it where there is none. One process at a time; a kill -9 loses at most what
 * was being written. Errors: HISTORY_IN_USE.
 */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true })
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL')
    database.exec(SCHEMA)
    return database
  } catch (error) {
    database.close()
    if (codeOf(error) === BUSY) throw observeError('HISTORY_IN_USE', `Another process writes ${path}.`)
    throw error
  }
}

export function isDamage(error: unknown): boolean {
  const code = codeOf(error)
  return code === CORRUPT || code === NOT_A_DATABASE
}

/** Gives the damaged file another name, so that it can be looked at, and says so. */
export function putAside(path: string, at: number, log: Log): void {
  const aside = `${path}.damaged-${new Date(at).toISOString().replaceAll(':', '')}`
  for (const tail of ['', '-wal', '-shm']) {
    if (existsSync(path + tail)) renameSync(path + tail, aside + tail)
  }
  log.warn({ path, aside }, 'the history of lags is damaged and was put aside; a new one begins')
}

/** SQLite's primary result code; extended ones carry it in their low byte. */
function codeOf(error: unknown): number | null {
  const code = (error as { readonly errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : null
}
