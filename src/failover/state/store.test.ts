import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { type MemoryLog, memoryLogs } from '../testing/memory-log.ts'
import { gatewayRecordOf } from '../testing/records.ts'
import type { FailoverRecord, RouteRecord } from './records.ts'
import { firstRecord, RouteStore } from './store.ts'

const CLUSTERS = ['a', 'b'] as const

async function begun(): Promise<{ a: MemoryLog; b: MemoryLog; first: RouteRecord }> {
  const [a, b] = memoryLogs('a', 'b')
  const first = firstRecord('shop', { name: 'a', clusterId: 'id-a' })
  await a!.append({ kind: 'route', name: 'shop', record: first })
  await b!.append({ kind: 'route', name: 'shop', record: first })
  return { a: a!, b: b!, first }
}

const hasCode = (code: string) => (error: unknown) => error instanceof KmcError && error.code === code

test('a step is written on both logs and counts one epoch; a step to the other cluster counts as a move', async () => {
  const { a, b, first } = await begun()
  const store = new RouteStore('shop', CLUSTERS, [a, b])
  const parked = await store.advance(first, { phase: 'parked', target: 'b' })
  const moved = await store.advance(parked, {
    phase: 'open',
    active: 'b',
    activeClusterId: 'id-b',
    target: null,
  })
  assert.deepEqual([parked.epoch, parked.moves, moved.epoch, moved.moves], [2, 0, 3, 1])
  await store.refresh()
  assert.equal(a.view.route('shop')?.active, 'b')
  assert.equal(b.view.route('shop')?.active, 'b')
})

test('of two who write the next epoch at once one is told that it lost', async () => {
  const { a, b, first } = await begun()
  const stores = [
    new RouteStore('shop', CLUSTERS, [a, b]),
    new RouteStore('shop', CLUSTERS, [a.twin(), b.twin()]),
  ]
  const results = await Promise.allSettled(stores.map((store) => store.advance(first, { phase: 'parked' })))
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const lost = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  assert.ok(hasCode('ROUTE_MOVED_ON')(lost.reason))
})

test('without its arbiter a route makes no step; with the arbiter alone it can go over', async () => {
  const { a, b, first } = await begun()
  const onA = new RouteStore('shop', CLUSTERS, [a])
  await onA.refresh()
  await assert.rejects(onA.advance(first, { phase: 'parked' }), hasCode('ROUTE_STATE_UNREACHABLE'))
  const onB = new RouteStore('shop', CLUSTERS, [b])
  const moved = await onB.advance(first, { active: 'b', activeClusterId: 'id-b', alone: true })
  assert.equal((await onB.advance(moved, { phase: 'open' })).epoch, 3)
  await a.refresh()
  assert.equal(a.view.route('shop')?.active, 'a', 'the cluster that was gone knows nothing yet')
})

test('a failover is run by the first to claim it, and by whoever claims it later', async () => {
  const { b } = await begun()
  const run = (id: string): Omit<FailoverRecord, 'claim'> => {
    const runner = { id, host: 'h', pid: 1, user: 'u' }
    return {
      route: 'shop',
      id: 'r',
      kind: 'failover',
      plan: 'p',
      step: 's',
      steps: [],
      runner,
      memo: {},
      state: 'running',
      at: 0,
    }
  }
  const first = new RouteStore('shop', CLUSTERS, [b])
  const second = new RouteStore('shop', CLUSTERS, [b.twin()])
  const one = await first.claim('b', () => run('one'))
  await first.note('b', { ...one, step: 'next' })
  assert.equal((await second.claim('b', () => run('two'))).claim, 2)
  await assert.rejects(first.note('b', { ...one, step: 'later' }), hasCode('FAILOVER_TAKEN_OVER'))
  assert.equal(second.failover()?.runner.id, 'two')
})

test('who claims a run while its runner takes a step goes on from that step', async () => {
  const { b } = await begun()
  const runner = { id: 'one', host: 'h', pid: 1, user: 'u' }
  const what = { route: 'shop', id: 'r', kind: 'switchover', plan: 'p', steps: [], memo: {} } as const
  const run: Omit<FailoverRecord, 'claim'> = {
    ...what,
    steps: [],
    step: 'rest',
    runner,
    state: 'running',
    at: 5,
  }
  const first = new RouteStore('shop', CLUSTERS, [b])
  const one = await first.claim('b', () => run)
  const second = new RouteStore('shop', CLUSTERS, [b.twin()])
  const claimed = await second.claim('b', (held) => {
    b.changes.push({ kind: 'failover', name: 'shop', record: { ...one, step: 'promote', at: 6 } })
    return { ...held!, runner: { ...runner, id: 'two' }, at: 7 }
  })
  assert.deepEqual([claimed.step, claimed.runner.id, second.failover()?.step], ['promote', 'two', 'promote'])
  await assert.rejects(first.note('b', { ...one, step: 'admit' }), hasCode('FAILOVER_TAKEN_OVER'))
})

test('of two who claim at once the one that lost is asked again, and sees who runs it', async () => {
  const { b } = await begun()
  const run = (id: string): Omit<FailoverRecord, 'claim'> => {
    const runner = { id, host: 'h', pid: 1, user: 'u' }
    const what = { route: 'shop', id, kind: 'failover', plan: id, step: 's', steps: [], memo: {} } as const
    return { ...what, steps: [], runner, state: 'running', at: 0 }
  }
  const take = (id: string) => (held: FailoverRecord | null) => {
    if (held !== null) throw new Error(`${held.runner.id} runs it`)
    return run(id)
  }
  const stores = [b, b.twin()].map((log) => new RouteStore('shop', CLUSTERS, [log]))
  const [one, two] = await Promise.allSettled([
    stores[0]!.claim('b', take('one')),
    stores[1]!.claim('b', take('two')),
  ])
  assert.equal(one.status, 'fulfilled')
  assert.match(String((two as PromiseRejectedResult).reason), /one runs it/)
})

test('of a gateway the latest record of either log counts', async () => {
  const { a, b } = await begun()
  const write = (log: MemoryLog, beat: number, gone = false) =>
    log.append({ kind: 'gateway', name: 'shop', id: 'g', record: gatewayRecordOf({ beat, gone }) })
  await write(a, 5)
  await write(b, 3)
  await write(b, 3, true)
  const store = new RouteStore('shop', CLUSTERS, [a, b])
  await store.refresh()
  assert.deepEqual(
    store.gateways().map(({ beat, gone }) => [beat, gone]),
    [[5, false]],
  )
})
