import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { Cluster } from '../../client/cluster.ts'
import { TAKEN_BACK_AFTER_MS } from '../run/busy.ts'
import type { FailoverRecord, RouteRecord } from '../state/records.ts'
import { routeRecordOf } from '../testing/records.ts'
import { AbandonedRun } from './abandoned-run.ts'

const run: FailoverRecord = {
  ...{ route: 'shop', id: 'r', kind: 'switchover', plan: 'p', step: 'fence', steps: [], memo: {} },
  ...{ runner: { id: 'x', host: 'h', pid: 1, user: 'u' }, claim: 1, state: 'running', at: 100 },
}
const held = routeRecordOf({ phase: 'fenced', plan: 'p', target: 'b' })

/** How often a run that says nothing is taken back in two minutes, as one gateway sees it. */
async function takenBack(change: {
  run?: Partial<FailoverRecord>
  route?: Partial<RouteRecord>
  speaks?: true
}) {
  let [now, count] = [0, 0]
  const both = new Map(['a', 'b'].map((name) => [name, { name } as Cluster]))
  const clock: Clock = { ...systemClock, now: () => now }
  const looks = new AbandonedRun({
    ...{ route: 'shop', names: ['a', 'b'], log: silentLog, clock },
    record: () => ({ ...held, ...change.route }),
    run: () => ({ ...run, ...change.run, ...(change.speaks && { at: now }) }),
    clusters: () => both,
    takeBack: async () => {
      count += 1
      return true
    },
  })
  for (; now <= 2 * TAKEN_BACK_AFTER_MS - 1; now += 1_000) await looks.look()
  return count
}

test('a switchover that is silent while clients wait is taken back, before mirrors are let go', async () => {
  assert.equal(await takenBack({}), 1)
  assert.equal(await takenBack({ run: { state: 'failed' } }), 1)
  assert.equal(await takenBack({ speaks: true }), 0)
  assert.equal(await takenBack({ run: { step: 'promote' } }), 0)
  assert.equal(await takenBack({ run: { kind: 'failover', step: 'park' } }), 0, 'its source was given up')
  assert.equal(await takenBack({ run: { state: 'done' } }), 0)
  assert.equal(await takenBack({ route: { phase: 'open', plan: null } }), 0)
  assert.equal(await takenBack({ route: { plan: 'of another' } }), 0)
})
