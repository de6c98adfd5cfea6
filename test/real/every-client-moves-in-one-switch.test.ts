import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { NEWEST } from '../harness/clusters.ts'
import { assertAllWell, rowsOf } from '../harness/moving/judge.ts'
import type { Seen } from '../harness/moving/mover.ts'
import { MovingWorld } from '../harness/moving/world.ts'
import { need } from '../kit/need.ts'

/** Clients of every kind at work through one route move to the other cluster in one command, and back. */

const noKcat = await need('kcat')
const world = new MovingWorld({
  brokers: 1,
  kafka: { seoul: NEWEST, virginia: NEWEST },
  kcat: noKcat === false,
  // Where the machine is busy the link comes near only once writers are held.
  catchUp: '0s',
  pauseMs: 150,
})

before(() => world.start())
after(() => world.stop())

describe('every client moves in one switch', () => {
  const moves = [
    ['seoul', 'virginia'],
    ['virginia', 'seoul'],
  ] as const

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

  test('nothing is lost, repeated, missed or out of order, and few see an error', async (context) => {
    const seen = await world.stopMovers()
    const all = { at: 'seoul', seen, before: atFirst, moves: moves.length } as const
    const { acknowledged, results } = await assertAllWell(world, all)
    context.diagnostic(`${acknowledged} records acknowledged, ${results} results of Kafka Streams`)
  })
})
