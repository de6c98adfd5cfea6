import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './index.ts'

const SEEDS = 2_000
const PARTS = 8

for (let part = 0; part < PARTS; part++) {
  const runs = SEEDS / PARTS
  const seed = 1 + part * runs
  test(`no invariant breaks in seeds ${seed} to ${seed + runs - 1}`, async (context) => {
    const report = await simulate({ seed, runs, scenario: null, signal: context.signal })
    assert.deepEqual(report.findings, [])
    assert.equal(report.runs, runs)
  })
}
