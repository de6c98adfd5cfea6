import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { Drift } from '../../failover/plan/plan.ts'
import { DriftWatch } from './drift-watch.ts'

const NOW = 1_800_000_000_000
const never: Clock = {
  now: () => NOW,
  sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
  after: () => () => {},
}

const drift = (kind: Drift['kind'], severity: Drift['severity']): Drift => {
  return { kind, severity, subject: 'orders', what: `${kind} differs`, remedy: null }
}

test('what differs is told with its age, and counts for an alert as far as somebody would move along', async () => {
  let isDown = false
  let isOfRoute = true
  let links = [{ name: 'dr', from: 'seoul', to: 'virginia' }]
  const found = [drift('right', 'blocks'), drift('setting', 'warning'), drift('topic', 'note')]
  const watch = new DriftWatch({
    links: () => links,
    compare: async () => (isDown ? Promise.reject(new Error('virginia is away')) : found),
    isOfRoute: () => isOfRoute,
    log: silentLog,
    clock: never,
  })
  const count = () => watch.facts(NOW).map(({ value }) => value)
  assert.deepEqual([watch.view('dr'), count()], [null, [null]])
  await watch.look()
  assert.deepEqual([watch.view('dr')?.value, count()], [found, [2]])
  isOfRoute = false
  assert.deepEqual(count(), [1], 'without a route rights of applications may differ')
  isDown = true
  await watch.look()
  assert.equal(watch.view('dr')?.value, found, 'what was found stays, with its age')
  assert.match(watch.view('dr')?.trouble?.message ?? '', /virginia is away/)
  assert.deepEqual(count(), [null])
  links = []
  await watch.look()
  assert.deepEqual([watch.view('dr'), count()], [null, []])
  await watch[Symbol.asyncDispose]()
})
