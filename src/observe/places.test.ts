import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Places } from './places.ts'

const never = new AbortController().signal

test('places are given on in the order in which they were asked for', async () => {
  const places = new Places('seoul', { usesMax: 1, waitingMax: 8 })
  const leave = await places.take(never)
  const entered: number[] = []
  const others = [1, 2, 3].map(async (number) => {
    const next = await places.take(never)
    entered.push(number)
    next()
  })
  leave()
  leave()
  await Promise.all(others)
  assert.deepEqual(entered, [1, 2, 3])
})

test('who finds too many waiting is refused', async () => {
  const places = new Places('seoul', { usesMax: 1, waitingMax: 1 })
  const leave = await places.take(never)
  const second = places.take(never)
  await assert.rejects(places.take(never), { code: 'CLUSTER_BUSY', retriable: true })
  leave()
  const leaveSecond = await second
  leaveSecond()
})

test('who gives up leaves no place taken', async () => {
  const places = new Places('seoul', { usesMax: 1, waitingMax: 8 })
  const leave = await places.take(never)
  const impatient = new AbortController()
  const second = places.take(impatient.signal)
  impatient.abort(new Error('enough'))
  await assert.rejects(second, /enough/)
  leave()
  const again = await places.take(never)
  again()
})
