import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hunt } from './hunt.ts'
import { planFor } from './index.ts'
import { mutants } from './mutants/all.ts'
import { shrink } from './shrink.ts'

const SEEDS_MAX = 500
const MUTANTS_MIN = 20

for (const mutant of mutants) {
  test(`${mutant.name} is found: ${mutant.bug}`, async (context) => {
    const found = await hunt({ from: mutant.from ?? 1, count: SEEDS_MAX }, mutant)
    assert.notEqual(found, null)
    context.diagnostic(`seed ${found!.seed}: ${found!.violation!.invariant} ${found!.violation!.message}`)
  })
}

test(`there are at least ${MUTANTS_MIN} planted bugs`, () => {
  assert.ok(mutants.length >= MUTANTS_MIN)
})

test('a finding is shrunk to the faults that it needs', async () => {
  const { mutation } = mutants.find(({ name }) => name === 'generation-not-raised')!
  const found = await hunt(
    { from: 1, count: SEEDS_MAX },
    mutants.find(({ mutation: one }) => one === mutation)!,
  )
  const smallest = await shrink(planFor(found!.seed, null), found!.violation!.invariant, { mutation })
  assert.equal(smallest.faults.length, 1)
})
