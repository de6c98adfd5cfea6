import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beatingClock } from './clock.ts'

test('loops that pause at different times wake on common beats', async () => {
  const wakes: number[] = []
  const loop = async (lateMs: number) => {
    await beatingClock.sleep(lateMs)
    await beatingClock.sleep(500)
    wakes.push(performance.now())
  }
  await Promise.all([loop(0), loop(7), loop(19)])
  // A timer never fires early by more than its rounding; late it may be on a busy machine.
  for (const at of wakes) assert.ok(at % 500 < 250 || at % 500 > 498, `${at}`)
})
