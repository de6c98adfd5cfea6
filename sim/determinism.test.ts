import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFor } from './index.ts'
import { runPlan } from './run.ts'

const SEEDS = 50

test(`each of ${SEEDS} seeds does the same twice, byte for byte`, async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const first = await runPlan(planFor(seed, null), { trace: true })
    const second = await runPlan(planFor(seed, null), { trace: true })
    assert.ok(first.trace.length > 50)
    assert.equal(first.trace.join('\n'), second.trace.join('\n'), `seed ${seed}`)
  }
})

test('keeping the trace changes nothing', async () => {
  const kept = await runPlan(planFor(7, null), { trace: true })
  const other = await runPlan(planFor(7, null))
  assert.deepEqual([kept.steps, kept.virtualMs], [other.steps, other.virtualMs])
})
