import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarios, simulate } from './index.ts'

const WORLDS = 10

for (const { name, ...scenario } of scenarios) {
  test(`no invariant breaks in ${name}`, async (context) => {
    const runs = 'seed' in scenario ? 1 : WORLDS
    const report = await simulate({ seed: 1, runs, scenario: name, signal: context.signal })
    assert.deepEqual(report.findings, [])
  })
}

test('scenarios have names of their own', () => {
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
})
