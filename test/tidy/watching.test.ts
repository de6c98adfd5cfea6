import assert from 'node:assert/strict'
import { test } from 'node:test'
import { metrics } from '../../src/server/metrics/table.ts'
import { assertGenerated } from '../kit/golden.ts'
import { logCalls, logsPage } from './pages/logs-page.ts'
import { metricsPage } from './pages/metrics-page.ts'
import { read } from './project.ts'

test('docs/reference/metrics.md says what the table of metrics says', () => {
  assertGenerated('docs/reference/metrics.md', metricsPage())
})

test('the guide names no metric that does not exist', () => {
  const known = new Set(metrics.map(({ name }) => name))
  const named = ['docs/guide/metrics.md', 'docs/guide/budgets.md'].flatMap((path) => [
    ...read(path).text.matchAll(/\bkmc_[a-z_]+/g),
  ])
  assert.ok(named.length > 5)
  assert.deepEqual(
    named.map(([name]) => name).filter((name) => !known.has(name)),
    [],
  )
})

test('every log line has a constant message', () => {
  const calls = logCalls()
  assert.ok(calls.length > 20)
  assert.deepEqual(
    calls.filter(({ message }) => message === null).map(({ place }) => place),
    [],
  )
})

test('docs/reference/logs.md says what the code logs', () => {
  assertGenerated('docs/reference/logs.md', logsPage())
})
