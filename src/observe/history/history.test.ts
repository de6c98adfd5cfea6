import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import type { Clock } from '../../base/clock.ts'
import { LagHistory, type LagSample } from './history.ts'
import { choose, KEEP_MS, levelsFor } from './levels.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A whole number of ten minutes, so that all levels have a point that begins here. */
const NOW = 1_800_000_000_000

function clockAt(start: number): Clock & { at: number } {
  return {
    at: start,
    now() {
      return this.at
    },
    sleep: async () => {},
    after: () => () => {},
  }
}

const folder = () => mkdtempSync(join(tmpdir(), 'kmc-history-'))
const of = { cluster: 'fra', group: 'readers' }

function sample(records: number | null, name: LagSample['of'] = of): LagSample {
  const seconds = records === null ? null : records / 10
  return { of: name, lag: { records, bytes: records === null ? null : records * 100, seconds } }
}

describe('which samples a question is answered from', () => {
  test('the finest that reach back far enough, joined to as many points as are asked for', () => {
    const ask = (from: number, points: number, finest?: number) =>
      choose(levelsFor(KEEP_MS), { from: NOW - from, to: NOW, points }, NOW, finest)
    assert.deepEqual(ask(HOUR, 1_000), { level: 0, bucketMs: 10 * SECOND })
    assert.deepEqual(ask(HOUR, 60), { level: 0, bucketMs: MINUTE })
    assert.deepEqual(ask(3 * HOUR, 1_000), { level: 1, bucketMs: MINUTE })
    assert.deepEqual(ask(20 * DAY, 10_000), { level: 2, bucketMs: 10 * MINUTE })
    assert.deepEqual(ask(90 * DAY, 20_000), { level: 2, bucketMs: 10 * MINUTE })
    assert.deepEqual(ask(HOUR, 1_000, 1), { level: 1, bucketMs: MINUTE })
  })
})

describe('history', () => {
  test('gives what was noted, and the worst of a wider point', async () => {
    const clock = clockAt(NOW)
    const history = new LagHistory(join(folder(), 'lag.db'), { clock })
    for (let at = 0; at < 12; at++) await history.note([sample(at === 7 ? 500 : at)], NOW + at * 10 * SECOND)
    clock.at = NOW + 2 * MINUTE
    const fine = history.series({ ...of, from: NOW, to: clock.at, points: 100 })
    assert.equal(fine.points.length, 12)
    assert.deepEqual(fine.points[1], { at: NOW + 10 * SECOND, records: 1, bytes: 100, seconds: 0.1 })
    const coarse = history.series({ ...of, from: NOW, to: clock.at, points: 2 })
    assert.deepEqual(
      coarse.points.map(({ at, records }) => [at - NOW, records]),
      [
        [0, 5],
        [MINUTE, 500],
      ],
    )
    assert.deepEqual(
      history.series({ ...of, group: 'nobody', from: NOW, to: clock.at, points: 5 }).points,
      [],
    )
    history.close()
  })

  test('keeps partitions by the minute, apart from their topic and group', async () => {
    const clock = clockAt(NOW)
    const history = new LagHistory(join(folder(), 'lag.db'), { clock })
    const partition = { ...of, topic: 'orders', partition: 0 }
    for (let at = 0; at < 6; at++)
      await history.note([sample(at, partition), sample(10 + at)], NOW + at * 10_000)
    const ask = { from: NOW, to: NOW + MINUTE, points: 100 }
    const { points, bucketMs } = history.series({ ...partition, ...ask })
    assert.deepEqual([bucketMs, points.length, points[0]?.records], [MINUTE, 1, 5])
    assert.equal(history.series({ ...of, ...ask }).points[0]?.records, 10)
    history.close()
  })

  test('keeps links apart from groups, and each no longer than is wanted', async () => {
    const clock = clockAt(NOW)
    const history = new LagHistory(join(folder(), 'lag.db'), { clock, keepMs: HOUR })
    const link = { link: 'readers' }
    await history.note([sample(1), sample(2, link), sample(3, { ...link, topic: 'orders' })], NOW)
    const ask = { from: NOW, to: NOW + MINUTE, points: 9 }
    const read = (name: LagSample['of']) =>
      history.series({ ...name, ...ask }).points.map(({ records }) => records)
    assert.deepEqual([read(of), read(link), read({ ...link, topic: 'orders' })], [[1], [2], [3]])
    clock.at = NOW + 2 * HOUR
    await history.tidy()
    assert.deepEqual(read(link), [])
    history.close()
  })

  test('lag that is not known leaves a gap, and does not hide what is', async () => {
    const history = new LagHistory(join(folder(), 'lag.db'), { clock: clockAt(NOW) })
    const half = { of, lag: { records: 4, bytes: null, seconds: null } }
    await history.note([half], NOW)
    await history.note([sample(3)], NOW + SECOND)
    await history.note([sample(null)], NOW + 20 * SECOND)
    const { points } = history.series({ ...of, from: NOW, to: NOW + MINUTE, points: 100 })
    assert.deepEqual(points, [{ at: NOW, records: 4, bytes: 300, seconds: 0.3 }])
    history.close()
  })

  test('lets go of what is too old, level by level', async () => {
    const clock = clockAt(NOW)
    const history = new LagHistory(join(folder(), 'lag.db'), { clock })
    await history.note([sample(1)], NOW)
    clock.at = NOW + 3 * DAY
    await history.note([sample(2)], clock.at)
    const ask = (from: number) => history.series({ ...of, from, to: clock.at + 1, points: 5_000 }).points
    assert.deepEqual(ask(clock.at - HOUR).length, 1)
    assert.deepEqual(
      ask(NOW).map(({ records }) => records),
      [1, 2],
    )
    clock.at = NOW + 31 * DAY
    await history.tidy()
    assert.deepEqual(
      ask(NOW).map(({ records }) => records),
      [2],
    )
    history.close()
  })

  test('stays within its bytes: the oldest samples go first', async () => {
    const clock = clockAt(NOW)
    const history = new LagHistory(join(folder(), 'lag.db'), { clock, bytesMax: 400_000 })
    const names = Array.from({ length: 40 }, (_, at) => ({ ...of, group: `readers ${at}` }))
    for (let step = 0; step < 300; step++) {
      clock.at += 10 * SECOND
      await history.note(
        names.map((name) => sample(step, name)),
        clock.at,
      )
    }
    await history.tidy()
    const { points } = history.series({ ...names[3]!, from: NOW, to: clock.at + 1, points: 5_000 })
    assert.ok(points.length > 0 && points.length < 300, `${points.length} points`)
    assert.equal(points.at(-1)?.records, 299)
    history.close()
  })
})

test('single partitions go before the groups that they belong to', async () => {
  const clock = clockAt(NOW)
  const history = new LagHistory(join(folder(), 'lag.db'), { clock, bytesMax: 200_000 })
  const partitions = Array.from({ length: 60 }, (_, partition) => ({ ...of, topic: 'orders', partition }))
  for (let step = 0; step < 120; step++) {
    clock.at += MINUTE
    await history.note(
      [of, ...partitions].map((name) => sample(step, name)),
      clock.at,
    )
  }
  await history.tidy()
  const points = (name: LagSample['of']) => {
    return history.series({ ...name, from: clock.at - HOUR, to: clock.at + 1, points: 5_000 }).points.length
  }
  assert.equal(points(of), 61)
  assert.ok(points(partitions[7]!) < 60, `${points(partitions[7]!)} points`)
  history.close()
})

describe('the file', () => {
  test('is written by one process at a time', () => {
    const path = join(folder(), 'lag.db')
    const history = new LagHistory(path)
    assertCode('HISTORY_IN_USE', () => new LagHistory(path))
    history.close()
    new LagHistory(path).close()
  })

  test('survives a kill -9', async () => {
    const path = join(folder(), 'lag.db')
    const program = `
      import { LagHistory } from ${JSON.stringify(new URL('./history.ts', import.meta.url).href)}
      const history = new LagHistory(${JSON.stringify(path)})
      for (let at = 0; ; at++) {
        const lag = { records: at, bytes: null, seconds: null }
        await history.note([{ of: { cluster: 'fra', group: 'readers' }, lag }], ${NOW} + at * 10_000)
        process.stdout.write(at + '\\n')
      }`
    const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let told = ''
    for await (const chunk of child.stdout) {
      told += chunk
      if (told.split('\n').length > 200) break
    }
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const last = Number(told.trim().split('\n').at(-1))
    const history = new LagHistory(path, { clock: clockAt(NOW) })
    const { points } = history.series({ ...of, from: NOW, to: NOW + 100 * DAY, points: 5_000 })
    assert.ok(points.length > 0 && points.at(-1)!.records! >= last - 1)
    history.close()
  })

  test('is put aside when it is no database, and that is said', async () => {
    const path = join(folder(), 'lag.db')
    writeFileSync(path, 'this was a database once '.repeat(1_000))
    const said: string[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (_: object, text: string) => void said.push(text) }
    const history = new LagHistory(path, { log, clock: clockAt(NOW) })
    await history.note([sample(1)], NOW)
    assert.equal(said.length, 1)
    assert.equal(readdirSync(join(path, '..')).filter((name) => name.includes('damaged')).length, 1)
    history.close()
  })

  test('is put aside when damage shows later', async () => {
    const path = join(folder(), 'lag.db')
    const first = new LagHistory(path, { clock: clockAt(NOW) })
    const names = Array.from({ length: 500 }, (_, at) => ({ ...of, group: `readers ${at}` }))
    await first.note(
      names.map((name) => sample(1, name)),
      NOW,
    )
    first.close()
    const bytes = readFileSync(path)
    writeFileSync(path, bytes.fill(0x5a, 8_192))
    const history = new LagHistory(path, { clock: clockAt(NOW) })
    await history.note(
      names.map((name) => sample(2, name)),
      NOW + 10_000,
    )
    const { points } = history.series({ ...names[9]!, from: NOW, to: NOW + MINUTE, points: 9 })
    assert.equal(points.at(-1)?.records, 2)
    assert.ok(readdirSync(join(path, '..')).some((name) => name.includes('damaged')))
    history.close()
  })
})
