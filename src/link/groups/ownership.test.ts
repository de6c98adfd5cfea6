import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ownership } from './ownership.ts'
import type { GroupMemory } from './port.ts'
import type { Position } from './position.ts'

const at = (offset: number): Position => ({ topic: 't', partition: 0, offset, metadata: null })

function world() {
  const noted = new Map<string, ReadonlyMap<string, number>>()
  const state = { now: 0, saves: 0 }
  const memory: GroupMemory = {
    load: async () => new Map(noted),
    save: async (groups) => {
      state.saves += 1
      for (const [group, [position]] of groups) noted.set(group, new Map([['t-0', position!.offset]]))
    },
  }
  const clock = { now: () => state.now, sleep: async () => {}, after: () => () => {} }
  return { state, worker: () => new Ownership(memory, clock) }
}

test('the next worker knows what was moved behind the source, and what was not', async () => {
  const { worker } = world()
  const first = worker()
  first.wrote('g', [at(50)])
  await first.keep()
  const next = worker()
  await next.recall()
  const moved = (present: number, wanted = 60) => next.isMoved('g', at(wanted), at(present))
  assert.deepEqual(
    [50, 55, 10, 70].map((present) => moved(present)),
    [false, false, true, true],
  )
  assert.equal(moved(50, 20), false, 'the source went back')
  assert.equal(next.isMoved('g', at(60), undefined), false)
  assert.deepEqual([next.isMoved('new', at(60), at(50)), next.isMoved('new', at(60), at(70))], [false, true])
})

test('a group that moves all the time is noted now and then, one that goes back at once, all at the end', async () => {
  const { state, worker } = world()
  const ownership = worker()
  for (const [now, offset, saves] of [
    [0, 1, 1],
    [2_000, 2, 1],
    [31_000, 3, 2],
    [33_000, 4, 2],
    [35_000, 1, 3],
  ] as const) {
    state.now = now
    ownership.wrote('g', [at(offset)])
    await ownership.keep()
    assert.equal(state.saves, saves, `at ${now}`)
  }
  ownership.wrote('g', [at(9)])
  await ownership.keep({ all: true })
  assert.equal(state.saves, 4)
})
