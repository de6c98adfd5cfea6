import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { messageOf } from '../../src/base/error.ts'
import { NEWEST, OLDEST } from '../harness/clusters.ts'
import { assertAllWell, rowsOf } from '../harness/moving/judge.ts'
import { MovingWorld, otherSide, type Side, type WorldChoice } from '../harness/moving/world.ts'
import { need } from '../kit/need.ts'
import { keepSwitches, type Pair, tableOf } from './report.ts'

/** The long run: `./kmc test --switches`. What is proved is said in README.md of this folder. */

const LIMIT_MS = Number(process.env.KMC_LONG_LIMIT_MS ?? 30 * 60_000)
/** Every third move leads to a cluster that was restarted until its leader epochs were the higher ones. */
const RAISED_EVERY = 3
/** Of writers between two records, where the usual 50 are not it. */
const HEAVY_PAUSE_MS = 25
/** More brokers, and kills, on two cores that may have other work: at more the link cannot keep up. */
const LIGHT_PAUSE_MS = 250
/** What a pair takes before its first move and after its last one on a busy machine. */
const BEFORE_AND_AFTER_MS = 120_000

const tell = (line: string) => console.log(`switches: ${line}`)
const kcat = (await need('kcat')) === false
const newest = { seoul: NEWEST, virginia: NEWEST }

/** `isStruck`: in each move the route's only gateway is killed, behind one step after the other. */
type Choice = Omit<WorldChoice, 'kcat'> & { readonly name: string; readonly isStruck?: boolean }
const struckBehind = ['yield', 'fence', 'hand-over', 'promote', 'warm', 'rest', 'approach', 'open'] as const

const pairs: readonly Choice[] = [
  { name: 'one broker each', brokers: 1, kafka: newest },
  {
    name: 'one broker each, a fifth of the load, its gateway killed in each move',
    brokers: 1,
    kafka: newest,
    isStruck: true,
    pauseMs: LIGHT_PAUSE_MS,
  },
  {
    name: 'from Kafka 3.9 to 4.3, a fifth of the load',
    brokers: 1,
    kafka: { seoul: OLDEST, virginia: NEWEST },
    pauseMs: LIGHT_PAUSE_MS,
  },
  {
    name: 'from Kafka 4.3 to 3.9, a fifth of the load',
    brokers: 1,
    kafka: { seoul: NEWEST, virginia: OLDEST },
    pauseMs: LIGHT_PAUSE_MS,
  },
  { name: 'three brokers each, a fifth of the load', brokers: 3, kafka: newest, pauseMs: LIGHT_PAUSE_MS },
  { name: 'one broker each, twice the load', brokers: 1, kafka: newest, pauseMs: HEAVY_PAUSE_MS },
]

const begunAt = Date.now()
const done: Pair[] = []

async function strike(world: MovingWorld, to: Side, step: (typeof struckBehind)[number]): Promise<void> {
  const calledOff = await world.moveStruck(to, step)
  const more = calledOff === 0 ? 'the run went on' : `the command was repeated ${calledOff} times`
  tell(`the gateway was killed behind ${step}: ${more}`)
}

for (const [index, pair] of pairs.entries()) {
  describe(pair.name, () => {
    // kcat's reader ends with its only connection.
    const world = new MovingWorld({ ...pair, kcat: kcat && pair.isStruck !== true })
    after(() => world.stop())

    test('clients move there and back, and nothing is lost', async (context) => {
      // What one pair leaves of its time is the next one's.
      const endsAt = begunAt + (LIMIT_MS * (index + 1)) / pairs.length
      if (Date.now() + BEFORE_AND_AFTER_MS > endsAt) return context.skip('the time of the run is over')
      const moves: Pair['moves'][number][] = []
      try {
        await world.start()
        for (const why of world.missing) tell(`MISSING ${why}`)
        const before = await world.awaitProgress('before the first move', 10)
        let at: Side = 'seoul'
        do {
          const to = otherSide(at)
          if (moves.length % RAISED_EVERY === RAISED_EVERY - 1) await world.raiseEpochs(to)
          const isHigher = (await world.leaderEpoch(to)) > (await world.leaderEpoch(at))
          await world.awaitMovable()
          const step = struckBehind[moves.length % struckBehind.length]!
          if (pair.isStruck === true) await strike(world, to, step)
          else await world.move(to)
          const seen = await world.awaitProgress(`at ${to}`, 10)
          moves.push({ to, isHigher, seen })
          tell(
            `${pair.name}: move ${moves.length}, to ${to}, whose leader epochs are ${isHigher ? 'higher' : 'lower'}`,
          )
          at = to
        } while (at !== 'seoul' || Date.now() + BEFORE_AND_AFTER_MS / 2 < endsAt)
        const seen = await world.stopMovers()
        const { isStruck = false } = pair
        const written = await assertAllWell(world, { at, seen, before, moves: moves.length, isStruck })
        const whole = { name: pair.name, moves, seen, written, late: world.late }
        for (const line of tableOf(whole)) tell(line)
        done.push(whole)
      } catch (error) {
        tell(`${pair.name}, after ${moves.length} moves: ${messageOf(error)}`)
        for (const row of rowsOf(await world.seen().catch(() => new Map()))) tell(`  ${row}`)
        throw error
      }
    })
  })
}

describe('all of them', () => {
  test('are kept', () => {
    tell(`kept in ${keepSwitches(done)}`)
    assert.ok(done.length > 0)
  })
})
