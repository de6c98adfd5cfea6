import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { smokeRound } from '../chaos/plan/deck.ts'
import { killsOf } from '../chaos/report.ts'
import { ChaosRun } from '../chaos/run.ts'
import { startWorld } from '../chaos/world/world.ts'

/** Half a minute of what `kmc test --chaos` does for twenty-five. */

const SEED = 1
const world = await startWorld({ source: 1, destination: 3 })
after(() => world.stop())
const run = new ChaosRun(world, {
  seed: SEED,
  next: (number) => (number === 0 ? smokeRound(SEED) : null),
  tell: (line) => console.log(line),
})

test('a worker, kmc and a broker killed, a worker paused, a network that fails: both sides are equal after it', async () => {
  await run.begin()
  await run.suffer()
  const report = await run.conclude()
  assert.deepEqual(report.anomalies, [])
  assert.ok(killsOf(report) >= 3 && report.ids.acknowledged > 0 && report.ids.aborted > 0)
})
