import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarios, simulate } from './index.ts'

const WORLDS = 10

for (const { name } of scenarios) {
  test(`no invariant breaks in ${name}`, async (context) => {
    const report = await simulate({ seed: 1, runs: WORLDS, scenario: name, signal: context.signal })
    assert.deepEqual(report.findings, [])
  })
}

test('a scenario that is one run is run once, with its own seed', async (context) => {
  const options = { seed: 1, runs: 200, scenario: 'unread-broker', signal: context.signal }
  const { seeds, runs } = await simulate(options)
  assert.deepEqual({ seeds, runs }, { seeds: { from: 2_819, to: 2_819 }, runs: 1 })
})

test('scenarios have names of their own', () => {
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
})
