import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { FailoverRecord, RouteRecord } from '../state/records.ts'
import { RouteStore } from '../state/store.ts'
import { MemoryLog } from '../testing/memory-log.ts'
import { routeRecordOf } from '../testing/records.ts'
import type { Course } from './course.ts'
import { emptyMemo } from './memo.ts'
import { Runner, type RunOptions } from './runner.ts'
import type { Scene } from './scene.ts'
import { open } from './steps/open.ts'

const course: Course = {
  ...{ route: 'shop', kind: 'switchover', from: 'a', to: 'b' },
  ...{ link: 'dr', groups: [], skips: [], plan: 'p1' },
}
const held: Partial<RouteRecord> = { epoch: 5, phase: 'fenced', target: 'b', plan: 'p1' }

function runOf(change: Partial<FailoverRecord>): FailoverRecord {
  return {
    ...{ route: 'shop', id: 'r', kind: 'switchover', plan: 'p1', step: 'drain', steps: [] },
    ...{ runner: { id: 'first', host: 'elsewhere', pid: 1, user: 'ann' }, claim: 1 },
    ...{ memo: { course }, state: 'failed', at: 0, ...change },
  }
}

/** A run of which only the records are real: every other thing that a step asks for gives what `ask` gives. */
function world(route: Partial<RouteRecord>, ask: () => never) {
  const logs = [new MemoryLog('a'), new MemoryLog('b')]
  for (const { changes } of logs) {
    changes.push({ kind: 'route', name: 'shop', record: routeRecordOf(route) })
  }
  const store = new RouteStore('shop', ['a', 'b'], logs)
  const asked = new Proxy({}, { get: ask })
  const link = { refresh: async () => {}, view: { link: () => null, mirrors: ask, lease: () => null } }
  const target = { cluster: { clusterId: 'id-b' }, store: link, port: { refresh: async () => {} } }
  const scene = {
    ...{ course, store, target, source: { port: { refresh: ask }, cluster: asked } },
    ...{ configs: asked, book: asked, probe: null, by: { user: 'ann', host: 'desk' } },
    ...{ clock: systemClock, signal: new AbortController().signal, log: silentLog },
  } as unknown as RunOptions['scene']
  return { logs, store, scene }
}

function runner(scene: RunOptions['scene'], kept: FailoverRecord[] = []): Runner {
  const keepReceipt = async (run: FailoverRecord) => {
    kept.push(run)
    return 'kept'
  }
  const me = { id: 'me', host: 'desk', pid: 2, user: 'ann' }
  const options = { abandonedMs: 0, onEvent: () => {}, isSourceThere: async () => true, keepReceipt }
  return new Runner({ scene, runner: me, id: 'r', ...options })
}

test('whose run somebody else goes on with leaves the route alone when its step fails', async () => {
  const { logs, store, scene } = world(held, () => {
    const rival = runOf({ claim: 9, state: 'running', at: Date.now() })
    logs[1]!.changes.push({ kind: 'failover', name: 'shop', record: rival })
    throw new Error('the connection is gone')
  })
  logs[1]!.changes.push({ kind: 'failover', name: 'shop', record: runOf({}) })
  await assert.rejects(runner(scene).run(), { code: 'FAILOVER_TAKEN_OVER' })
  await store.refresh()
  assert.deepEqual([store.route()!.epoch, store.route()!.phase], [5, 'fenced'])
})

test('a step that fails puts the route back, and the receipt says why', async () => {
  const { logs, store, scene } = world(held, () => {
    throw new Error('the connection is gone')
  })
  logs[1]!.changes.push({ kind: 'failover', name: 'shop', record: runOf({}) })
  const kept: FailoverRecord[] = []
  const source = { ...scene.source!, cluster: null }
  const running = runner({ ...scene, source: source as never }, kept).run()
  await assert.rejects(running, /the connection is gone/)
  assert.deepEqual([store.route()!.phase, store.route()!.plan], ['open', null])
  assert.deepEqual(
    kept.map(({ state, steps }) => [state, steps.at(-1)!.note]),
    [['undone', 'the connection is gone']],
  )
})

test('the route is not opened on the other side when it was put back meanwhile', async () => {
  const never = () => {
    throw new Error('not asked')
  }
  for (const route of [{ epoch: 6 }, { epoch: 6, phase: 'parked', plan: 'p2' }, held] as const) {
    const { store, scene } = world(route, never)
    const full = { ...scene, memo: emptyMemo, heard: new Map(), watch: null, beat: async () => {} }
    await assert.rejects(open(full as Scene), { code: 'ROUTE_MOVED_ON' })
    assert.equal(store.route()!.active, 'a')
  }
})
