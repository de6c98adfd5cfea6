import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { staggeredRace } from './staggered-race.ts'

type Plan = Readonly<Record<string, (signal: AbortSignal) => Promise<string>>>

function race(plan: Plan, staggerMs: number, discarded: string[] = []) {
  return staggeredRace({
    candidates: Object.keys(plan),
    attempt: (candidate, signal) => plan[candidate]!(signal),
    discard: (result) => void discarded.push(result),
    staggerMs,
  })
}

const never = (signal: AbortSignal): Promise<string> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('the first to answer wins and later ones are not begun', async () => {
  let begun = 0
  const result = await race({ a: async () => 'a', b: async () => `b${begun++}` }, 1_000)
  assert.deepEqual(result, { won: 'a' })
  assert.equal(begun, 0)
})

test('a failure starts the next at once', async () => {
  const startedMs = performance.now()
  const result = await race({ a: () => Promise.reject(new Error('no')), b: async () => 'b' }, 5_000)
  assert.deepEqual(result, { won: 'b' })
  assert.ok(performance.now() - startedMs < 2_000)
})

test('silence starts the next after a while, and the silent one is given up', async () => {
  let gaveUp = false
  const silent = async (signal: AbortSignal): Promise<string> => {
    signal.addEventListener('abort', () => {
      gaveUp = true
    })
    return never(signal)
  }
  assert.deepEqual(await race({ a: silent, b: async () => 'b' }, 10), { won: 'b' })
  await delay(1)
  assert.equal(gaveUp, true)
})

test('a slow first may still win over a failing second', async () => {
  const slow = async (): Promise<string> => {
    await delay(60)
    return 'a'
  }
  assert.deepEqual(await race({ a: slow, b: () => Promise.reject(new Error('no')) }, 10), { won: 'a' })
})

test('what comes second is put away', async () => {
  const discarded: string[] = []
  const after = (ms: number, name: string) => async (): Promise<string> => {
    await delay(ms)
    return name
  }
  assert.deepEqual(await race({ a: after(60, 'a'), b: after(10, 'b') }, 5, discarded), { won: 'b' })
  await delay(100)
  assert.deepEqual(discarded, ['a'])
})

test('when all fail, each loss is told', async () => {
  const fail = (why: string) => (): Promise<string> => Promise.reject(new Error(why))
  const result = await race({ a: fail('x'), b: fail('y') }, 10)
  assert.ok('losses' in result)
  assert.deepEqual(
    result.losses.map(({ candidate, error }) => `${candidate} ${(error as Error).message}`),
    ['a x', 'b y'],
  )
  assert.deepEqual(await race({}, 10), { losses: [] })
})
