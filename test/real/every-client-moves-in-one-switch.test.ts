import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { NEWEST } from '../harness/clusters.ts'
import {
  assertFoldedAtLeastOnce,
  assertFoldedOnce,
  assertNothingLost,
  rowsOf,
} from '../harness/moving/judge.ts'
import type { Seen } from '../harness/moving/mover.ts'
import { MovingWorld } from '../harness/moving/world.ts'
import { need } from '../kit/need.ts'

/** Clients of every kind at work through one route move to the other cluster in one command, and back. */

const noKcat = await need('kcat')
const world = new MovingWorld({
  brokers: 1,
  kafka: { seoul: NEWEST, virginia: NEWEST },
  kcat: noKcat === false,
})

/** Errors that an application is shown a move; all others see none. Why: docs/guide/connecting-clients.md. */
const errorsMax: Readonly<Record<string, number>> = {
  'java39-transactional': 2,
  'librdkafka-transactional': 3,
}

/**
 * Records that come twice: at most what it has read since its last commit, five seconds ago. All others get none. Kafka
 * Streams reads again what it had in hand, and its results tell whether that was right.
 */
const againMax: Readonly<Record<string, number>> = {
  'platformatic-reader': 6_000,
  'streams-exactly-once': 6_000,
  'streams-at-least-once': 6_000,
}

before(() => world.start())
after(() => world.stop())

describe('every client moves in one switch', () => {
  const moves = [
    ['seoul', 'virginia'],
    ['virginia', 'seoul'],
  ] as const

  /** A coordinator that is still loading, say: nothing of a switch. */
  let atFirst: Map<string, Seen>

  test('all of them are at work', async (context) => {
    for (const why of world.missing) context.diagnostic(`MISSING ${why}`)
    atFirst = await world.awaitProgress('before the first move', 10)
  })

  test('one move leads to lower leader epochs, the other one to higher', async () => {
    assert.ok((await world.leaderEpoch('seoul')) > (await world.leaderEpoch('virginia')))
  })

  for (const [from, to] of moves) {
    test(`from ${from} to ${to}`, async (context) => {
      await world.move(to)
      for (const row of rowsOf(await world.awaitProgress(`at ${to}`, 10))) context.diagnostic(row)
    })
  }

  describe('and at the end', () => {
    let seen: Map<string, Seen>

    before(async () => {
      seen = await world.stopMovers()
    })

    test('what was acknowledged is there, once, in its order', async () => {
      assertNothingLost(seen, await world.scan('seoul'))
    })

    test('Kafka Streams has the results of a single reading', async (context) => {
      if (!seen.has('streams-exactly-once')) return context.skip('no Kafka Streams')
      const input = await world.scan('seoul')
      assertFoldedOnce(input, await world.scan('seoul', 'streams-exactly-once-out'))
      const output = await world.scan('seoul', 'streams-at-least-once-out')
      context.diagnostic(`at least once: ${assertFoldedAtLeastOnce(input, output)} results more than records`)
    })

    test('no reader missed a record or got one twice', () => {
      for (const [name, { again, passedOver }] of seen) {
        assert.equal(passedOver, 0, name)
        assert.ok(again <= (againMax[name] ?? 0), `${name}: ${again} came again`)
      }
    })

    test('no application saw more errors than the guide says', () => {
      for (const [name, { errors: all }] of seen) {
        const errors = all.slice(atFirst.get(name)?.errors.length ?? 0)
        const max = (errorsMax[name] ?? 0) * moves.length
        assert.ok(errors.length <= max, `${name}: ${errors.join('\n')}`)
      }
    })
  })
})
