import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { anomalyKinds } from './check/anomalies.ts'
import { roundOf } from './plan/deck.ts'
import { type ChaosReport, keepLogs, killsOf } from './report.ts'
import { ChaosRun } from './run.ts'
import { startWorld } from './world/world.ts'

/** The long run: `./kmc test --chaos`. What is proved is said in README.md of this folder. */

const KILLS = 200
const LIMIT_MS = Number(process.env.KMC_LONG_LIMIT_MS ?? 25 * 60_000)
const seed = Number(process.env.KMC_LONG_SEED ?? Date.now() % 1_000_000)
/** For healing and for the comparison of everything. */
const RESERVED_MS = 180_000
const FIRST_ROUND_MS = 200_000

const endsAt = Date.now() + LIMIT_MS - RESERVED_MS
const tell = (line: string) => console.log(`chaos: ${line}`)
tell(`seed ${seed}`)
const world = await startWorld()
after(() => world.stop())
if (world.disk === null) tell('full-disk is skipped: no tmpfs')
const run = new ChaosRun(world, {
  seed,
  tell,
  next(number, { kills, tookMs }) {
    const isTime = Date.now() + (tookMs || FIRST_ROUND_MS) > endsAt
    return kills >= KILLS || isTime ? null : roundOf(seed, number)
  },
})
let report: ChaosReport

/** What fails leaves its logs. */
async function orKeepLogs(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    tell(`logs kept in ${keepLogs(seed, world.logs)}`)
    throw error
  }
}

describe(`chaos, seed ${seed}`, () => {
  test('the load and the link start', () => orKeepLogs(() => run.begin()))

  test('after each round everything heals by itself and both sides are equal', () =>
    orKeepLogs(() => run.suffer()))

  test('the load ends and everything is compared', () =>
    orKeepLogs(async () => {
      report = await run.conclude()
      assert.ok(killsOf(report) > 0 && report.ids.acknowledged > 0 && report.ids.aborted > 0)
      assert.ok(report.compared.atTheEnd > 0)
      if (report.anomalies.length > 0) tell(`logs kept in ${keepLogs(seed, world.logs)}`)
    }))

  for (const kind of anomalyKinds) {
    test(`no ${kind}`, () => {
      assert.deepEqual(
        report.anomalies.filter((anomaly) => anomaly.kind === kind),
        [],
      )
    })
  }

  test('the disk of the destination was full and was freed', {
    skip: world.disk === null && 'no tmpfs',
  }, () => {
    if (report.rounds > 1) assert.ok((report.faults['full-disk'] ?? 0) > 0)
  })
})
