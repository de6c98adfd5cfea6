import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Clock, systemClock } from '../../base/clock.ts'
import { type Log, silentLog } from '../../base/log.ts'
import type { Lag } from '../lag/lag.ts'
import { Breather } from '../watch/breather.ts'
import { isDamage, openDatabase, putAside } from './database.ts'
import { choose, KEEP_MS, type Level, levelsFor, PARTITION_LEVEL } from './levels.ts'

/** Whose lag: of a group, of its part in a topic or its place in one partition; of a link or its mirror of a topic. */
export type SeriesName =
  | {
      readonly cluster: string
      readonly group: string
      readonly topic?: string | undefined
      readonly partition?: number | undefined
    }
  | { readonly link: string; readonly topic?: string | undefined }

export type LagSample = { readonly of: SeriesName; readonly lag: Pick<Lag, 'records' | 'bytes' | 'seconds'> }

export type SeriesQuery = SeriesName & {
  /** Milliseconds; `to` is not part of it. */
  readonly from: number
  readonly to: number
  /** At most so many points are given. */
  readonly points: number
}

/** The worst lag from `at` on, for the width of a point; null where none was known. */
export type LagPoint = {
  readonly at: number
  readonly records: number | null
  readonly bytes: number | null
  readonly seconds: number | null
}

export type Series = { readonly bucketMs: number; readonly points: readonly LagPoint[] }

export type HistoryOptions = {
  readonly log?: Log
  readonly clock?: Clock
  /** What the file may take; beyond it the oldest samples of all levels go. */
  readonly bytesMax?: number
  /** How long the coarsest samples are kept. */
  readonly keepMs?: number
}

const BYTES_MAX = 256 * 1024 * 1024
const POINTS_MAX = 5_000
/** Series known by their number; one more begins the memory anew. */
const REMEMBERED_MAX = 100_000
/** Samples of one transaction: some milliseconds of work. */
const BATCH = 500
const TIDY_EVERY_MS = 10 * 60_000
/** What is kept of each level's time when the file has grown too large: so much less each time. */
const SHRINK = 0.8
const SHARE_MIN = 0.01

const UPSERT = `
  INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    records = max(coalesce(records, excluded.records), coalesce(excluded.records, records)),
    bytes = max(coalesce(bytes, excluded.bytes), coalesce(excluded.bytes, bytes)),
    seconds = max(coalesce(seconds, excluded.seconds), coalesce(excluded.seconds, seconds))`
const FIND = 'SELECT id FROM series WHERE name = ?'
const ADD = 'INSERT INTO series (name) VALUES (?)'
/** Numbers are bound as REAL, by which a division would not be one of whole numbers. */
const RANGE = `
  SELECT at - at % CAST(:width AS INTEGER) AS start,
    max(records) AS records, max(bytes) AS bytes, max(seconds) AS seconds
  FROM samples WHERE series = :series AND level = :level AND at >= :from AND at < :to
  GROUP BY start ORDER BY start`
const EXPIRE = 'DELETE FROM samples WHERE series = ? AND level = ? AND at < ?'
const EMPTY = 'DELETE FROM series WHERE id = ? AND NOT EXISTS (SELECT 1 FROM samples WHERE series = id)'

/**
 * Lags over time in a file of SQLite: every 10 s for two hours, every minute for two days, every 10 minutes for a
 * month, each the worst of its time. Bounded in time and bytes. A file that is damaged is put aside.
 */
export class LagHistory {
  readonly #path: string
  readonly #log: Log
  readonly #clock: Clock
  readonly #bytesMax: number
  readonly #levels: readonly Level[]
  #database: DatabaseSync
  readonly #ids = new Map<string, number>()
  readonly #statements = new Map<string, StatementSync>()
  #tidiedAt: number
  /** Of each level's time, of single partitions and of the rest: 1 while the file is small enough. */
  readonly #share = { partitions: 1, rest: 1 }

  /** Errors: HISTORY_IN_USE. */
  constructor(
    path: string,
    { log = silentLog, clock = systemClock, bytesMax = BYTES_MAX, keepMs = KEEP_MS }: HistoryOptions = {},
  ) {
    this.#path = path
    this.#log = log
    this.#clock = clock
    this.#bytesMax = bytesMax
    this.#levels = levelsFor(keepMs)
    this.#tidiedAt = clock.now()
    try {
      this.#database = openDatabase(path)
    } catch (error) {
      if (!isDamage(error)) throw error
      putAside(path, clock.now(), log)
      this.#database = openDatabase(path)
    }
  }

  /** Takes in what was seen at `at`, in short spells; from time to time it lets go of what is too old. */
  async note(samples: readonly LagSample[], at: number): Promise<void> {
    const breather = new Breather()
    for (let from = 0; from < samples.length; from += BATCH) {
      this.#guarded(() => this.#transact(() => this.#put(samples.slice(from, from + BATCH), at)))
      await breather.rest()
    }
    if (this.#clock.now() - this.#tidiedAt >= TIDY_EVERY_MS) await this.tidy()
  }

  series({ from, to, points, ...name }: SeriesQuery): Series {
    const range = { from, to, points: Math.max(1, Math.min(points, POINTS_MAX)) }
    const { level, bucketMs: width } = choose(this.#levels, range, this.#clock.now(), finestOf(name))
    const rows = this.#guarded(() => {
      const series = this.#find(name)
      return series === null ? [] : this.#sql(RANGE).all({ width, series, level, from, to })
    })
    const found = rows.map(({ start, records, bytes, seconds }) => ({
      at: Number(start),
      records: records as number | null,
      bytes: bytes as number | null,
      seconds: seconds as number | null,
    }))
    return { bucketMs: width, points: found }
  }

  /** Lets go of what is older than its level is kept, and of more while the file is larger than it may be. */
  async tidy(): Promise<void> {
    this.#tidiedAt = this.#clock.now()
    await this.#expire()
    while (this.#bytes() > this.#bytesMax && this.#share.rest > SHARE_MIN) {
      // There are so many partitions that they would leave nothing of the groups.
      this.#share[this.#share.partitions > SHARE_MIN ? 'partitions' : 'rest'] *= SHRINK
      await this.#expire()
    }
    if (this.#bytes() >= this.#bytesMax * SHRINK) return
    const part = this.#share.rest < 1 ? 'rest' : 'partitions'
    this.#share[part] = Math.min(1, this.#share[part] / SHRINK)
  }

  close(): void {
    this.#database.close()
  }

  #put(samples: readonly LagSample[], at: number): void {
    const upsert = this.#sql(UPSERT)
    for (const { of, lag } of samples) {
      if (lag.records === null && lag.seconds === null) continue
      const series = this.#find(of) ?? this.#add(of)
      for (let level = finestOf(of); level < this.#levels.length; level++) {
        const { stepMs } = this.#levels[level]!
        upsert.run(series, level, Math.floor(at / stepMs) * stepMs, lag.records, lag.bytes, lag.seconds)
      }
    }
  }

  async #expire(): Promise<void> {
    const breather = new Breather()
    const now = this.#clock.now()
    const rows = this.#guarded(() => this.#sql('SELECT id, name FROM series').all())
    for (let from = 0; from < rows.length; from += BATCH) {
      const part = rows.slice(from, from + BATCH)
      this.#guarded(() =>
        this.#transact(() => {
          for (const { id, name } of part) this.#expireOf(Number(id), String(name), now)
        }),
      )
      await breather.rest()
    }
    this.#ids.clear()
  }

  #expireOf(id: number, name: string, now: number): void {
    const share = this.#share[isOfPartition(name) ? 'partitions' : 'rest']
    for (const [level, { keepMs }] of this.#levels.entries()) {
      this.#sql(EXPIRE).run(id, level, Math.floor(now - keepMs * share))
    }
    this.#sql(EMPTY).run(id)
  }

  /** Of pages in use; the file itself does not shrink, its free pages are written again. */
  #bytes(): number {
    const of = (pragma: string) => Number(Object.values(this.#database.prepare(`PRAGMA ${pragma}`).get()!)[0])
    return this.#guarded(() => (of('page_count') - of('freelist_count')) * of('page_size'))
  }

  #find(of: SeriesName): number | null {
    const name = keyOf(of)
    const known = this.#ids.get(name)
    if (known !== undefined) return known
    const row = this.#sql(FIND).get(name)
    if (row === undefined) return null
    if (this.#ids.size >= REMEMBERED_MAX) this.#ids.clear()
    this.#ids.set(name, Number(row.id))
    return Number(row.id)
  }

  #add(of: SeriesName): number {
    return Number(this.#sql(ADD).run(keyOf(of)).lastInsertRowid)
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (statement === undefined) {
      statement = this.#database.prepare(text)
      this.#statements.set(text, statement)
    }
    return statement
  }

  #transact(run: () => void): void {
    this.#database.exec('BEGIN')
    try {
      run()
      this.#database.exec('COMMIT')
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Damage that shows while the file is in use: it is put aside, and the call made again on a new one. */
  #guarded<T>(run: () => T): T {
    try {
      return run()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#database.close()
      this.#ids.clear()
      this.#statements.clear()
      putAside(this.#path, this.#clock.now(), this.#log)
      this.#database = openDatabase(this.#path)
      return run()
    }
  }
}

function keyOf(of: SeriesName): string {
  if ('link' in of) return JSON.stringify(['link', of.link, of.topic ?? null])
  return JSON.stringify(['group', of.cluster, of.group, of.topic ?? null, of.partition ?? null])
}

/** By what `keyOf` made. */
function isOfPartition(key: string): boolean {
  return key.startsWith('["group"') && !key.endsWith(',null]')
}

function finestOf(of: SeriesName): number {
  return 'partition' in of && of.partition !== undefined ? PARTITION_LEVEL : 0
}
