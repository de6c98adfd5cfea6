import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { messageOf } from '../../src/base/error.ts'
import { Random } from '../kit/fuzz/random.ts'
import { need } from '../kit/need.ts'
import { keepReport, tableOf } from './report.ts'
import { type Blow, type Moment, type RoundReport, suffer } from './round.ts'

/** The long run: `./kmc test --failovers`. What is proved is said in README.md of this folder. */

const ROUNDS = 20
const LIMIT_MS = Number(process.env.KMC_LONG_LIMIT_MS ?? 45 * 60_000)
const seed = Number(process.env.KMC_LONG_SEED ?? Date.now() % 1_000_000)
/** What one round takes on a busy machine. */
const ROUND_MS = 120_000

const endsAt = Date.now() + LIMIT_MS
const tell = (line: string) => console.log(`failovers: ${line}`)
const skip = await need('kcat')
const reports: RoundReport[] = []

/** Most rounds are crashes. */
const others: readonly Blow[] = ['hangs', 'forced', 'in a switchover', 'with a gateway']
const EVERY = 4

/** The link is in step, or up to two seconds behind; its worker wakes before the failover or after it. */
function momentOf(random: Random, round: number): Moment {
  return {
    blow: round % EVERY === 0 ? others[(round / EVERY) % others.length]! : 'killed',
    loadMs: random.below(3_000),
    behindMs: random.pick([0, 0, random.below(300), random.below(2_000)]),
    hesitateMs: random.pick([0, 0, random.below(3_000)]),
    wakes: random.pick(['at the crash', 'after the failover']),
  }
}

describe(`failovers after a crash, seed ${seed}`, { skip }, () => {
  const random = new Random(seed)
  for (let round = 1; round <= ROUNDS; round++) {
    const moment = momentOf(random, round)
    test(`${round}: nothing is there twice, and what is lost is what the receipt says`, async (context) => {
      if (Date.now() + ROUND_MS > endsAt) return context.skip('the time of the run is over')
      try {
        const report = await suffer(moment, tell)
        reports.push(report)
        const { acknowledged, lostInAll, rtoMs, tookMs, findings } = report
        const slowest = Math.max(...Object.values(rtoMs))
        const counts = `${acknowledged} acknowledged, ${lostInAll} lost, ${findings.length} findings`
        tell(`round ${round}, ${moment.blow}: ${counts}; slowest client ${slowest} ms, command ${tookMs} ms`)
        assert.deepEqual(findings, [])
      } catch (error) {
        tell(`round ${round} failed: ${JSON.stringify(moment)} ${messageOf(error)}`)
        throw error
      }
    })
  }

  test('rounds with and without a loss were made', () => {
    for (const line of tableOf(seed, reports)) tell(line)
    tell(`kept in ${keepReport(seed, reports)}`)
    assert.ok(reports.length > 0)
    if (reports.length >= ROUNDS) assert.ok(reports.some(({ lostInAll }) => lostInAll > 0))
  })
})
