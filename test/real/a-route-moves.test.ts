import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type KmcError, messageOf } from '../../src/base/error.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import type { Course, FailoverKind } from '../../src/failover/run/course.ts'
import { memoSchema } from '../../src/failover/run/memo.ts'
import type { RunEvent } from '../../src/failover/run/runner.ts'
import { moveRoute } from '../../src/failover/run/start.ts'
import { RouteLog } from '../../src/failover/state/log.ts'
import { firstRecord } from '../../src/failover/state/store.ts'
import { askOfMirrors } from '../../src/link/intents/request.ts'
import { openStateStore } from '../../src/link/state/store.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** What a failover does behind the gateways: nothing is missing, positions go along, the link is turned, and back. */

const { clusters, stop } = await startClusters({ seoul: { kafka: NEWEST }, virginia: { kafka: NEWEST } })
const java = await JavaClient.start()
const spec = linkSpec('dr', clusters.seoul, clusters.virginia)
let link: TestLink

before(async () => {
  await java.createTopics(clusters.seoul.access, [
    { name: 'orders', partitions: 3 },
    { name: 'payments', partitions: 1 },
  ])
  await java.produce(clusters.seoul.access, 'orders', numbered('first', 60, 3))
  await java.commitPositions(clusters.seoul.access, 'billing', 'orders', { 0: 7, 1: 20 })
  link = await TestLink.start(spec)
  for (const name of ['seoul', 'virginia'] as const) {
    await using cluster = await Cluster.connect(clusters[name].config)
    await openStateStore(cluster)
    const clusterId = await seoulId()
    const record = firstRecord('shop', { name: 'seoul', clusterId })
    await new RouteLog(cluster).append({ kind: 'route', name: 'shop', record })
  }
  for (const topic of ['orders', 'payments']) {
    await awaitInStep(java, { source: clusters.seoul, destination: clusters.virginia, topic })
  }
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

async function seoulId(): Promise<string> {
  await using cluster = await Cluster.connect(clusters.seoul.config)
  return cluster.clusterId
}

type Name = keyof typeof clusters

function course(kind: FailoverKind, from: Name, to: Name, plan: string): Course {
  return { route: 'shop', kind, from, to, link: 'dr', groups: ['*'], skips: [], plan }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

async function move(what: Course, events: RunEvent[] = [], more: { readonly catchUpMs?: number } = {}) {
  const configs = { from: clusters[what.from as Name].config, to: clusters[what.to as Name].config }
  const onEvent = (event: RunEvent) => void events.push(event)
  const keepReceipt = async () => 'kept'
  const signal = AbortSignal.timeout(120_000)
  const told = { onEvent, keepReceipt, log: silent }
  return await moveRoute({ course: what, configs, front: null, signal, ...told, ...more })
}

async function routeAt(name: Name) {
  await using cluster = await Cluster.connect(clusters[name].config)
  const log = new RouteLog(cluster)
  await log.refresh()
  const { epoch, active, phase } = log.view.route('shop')!
  return { epoch, active, phase }
}

async function pauseMirror(at: ClusterConfig, topic: string): Promise<void> {
  const options = { timeoutMs: PATIENCE_MS, signal: AbortSignal.timeout(PATIENCE_MS), onProgress() {} }
  const [asked] = await askOfMirrors(at, 'dr', [{ topic, wish: { verb: 'pause' } }], options)
  assert.equal(asked!.outcome, 'done', asked!.text)
}

async function startLinkAgain(): Promise<void> {
  assert.equal((await link.ended).why, 'turned')
  await link.stop()
  link = await TestLink.start(spec)
}

async function sameBothWays(from: Name, to: Name): Promise<void> {
  await awaitInStep(java, { source: clusters[from], destination: clusters[to], topic: 'orders' })
  const [a, b] = [
    await java.read(clusters[from].access, 'orders'),
    await java.read(clusters[to].access, 'orders'),
  ]
  assertSameRecords('orders', a, b, { timestampTypes: false })
}

describe('a switchover', () => {
  test('moves everything, there and back, and says what each step came to', async () => {
    for (const [from, to] of [
      ['seoul', 'virginia'],
      ['virginia', 'seoul'],
    ] as const) {
      const events: RunEvent[] = []
      const run = await move(course('switchover', from, to, `plan-${from}`), events)
      assert.equal(run.state, 'done', events.map((event) => JSON.stringify(event)).join('\n'))
      assert.ok(run.steps.every(({ endedAt }) => endedAt !== null))
      const positions = await java.positions(clusters[to].access, 'billing')
      assert.deepEqual([positions['orders-0']?.offset, positions['orders-1']?.offset], [7, 20])
      await startLinkAgain()
      await java.produce(clusters[to].access, 'orders', numbered(`after-${from}`, 30, 3))
      await sameBothWays(to, from)
    }
  })

  test('one that cannot drain puts everything back, and the link goes on', async () => {
    await java.open(clusters.seoul.access, 'hanging', { transactionalId: 'hanging' })
    await java.transaction('hanging', 'begin')
    await java.send('hanging', 'orders', numbered('open', 3, 3))
    const failing = move(course('switchover', 'seoul', 'virginia', 'hopeless'))
    await assert.rejects(failing, /orders-\d has an open transaction/)
    await java.transaction('hanging', 'commit')
    await java.closeProducer('hanging')
    await sameBothWays('seoul', 'virginia')
  })

  test('one whose link is far behind holds nobody before it has come near', async () => {
    await link.stop()
    await java.produce(clusters.seoul.access, 'orders', numbered('behind', 3_000, 3))
    const before = await routeAt('virginia')
    const tooSoon = move(course('switchover', 'seoul', 'virginia', 'too-soon'), [], { catchUpMs: 500 })
    await assert.rejects(tooSoon, (error: KmcError) => {
      assert.deepEqual([error.code, error.context.offsets], ['FAILOVER_FAR_BEHIND', 3_000])
      return true
    })
    const events: RunEvent[] = []
    const moved = move(course('switchover', 'seoul', 'virginia', 'patient'), events)
    const isWaiting = async () =>
      events.some((event) => event.kind === 'goes on' && event.step === 'approach')
    await waitUntil('it waits for the link', isWaiting, { withinMs: PATIENCE_MS, lastSeen: () => events })
    assert.deepEqual(await routeAt('virginia'), before)
    link = await TestLink.start(spec)
    const run = await moved
    const [approach, fence] = ['approach', 'fence'].map((name) => run.steps.find((one) => one.name === name)!)
    assert.ok(approach!.endedAt! <= fence!.startedAt)
    await startLinkAgain()
    await sameBothWays('virginia', 'seoul')
    await move(course('switchover', 'virginia', 'seoul', 'back-again'))
    await startLinkAgain()
    await sameBothWays('seoul', 'virginia')
  })

  test('a process that is ended at any step is followed by one that goes on', async () => {
    const plan = course('switchover', 'seoul', 'virginia', 'broken-off')
    const seen = new Set<string>()
    for (let round = 0; ; round++) {
      const stopHere = new AbortController()
      const events: RunEvent[] = []
      const ended = new Error('ended')
      const configs = { from: clusters.seoul.config, to: clusters.virginia.config }
      const onEvent = (event: RunEvent) => {
        events.push(event)
        if (event.kind !== 'begins' || seen.has(event.step)) return
        seen.add(event.step)
        // As a kill does: nothing is noted, nothing is undone.
        throw ended
      }
      const front = null
      const keepReceipt = async () => 'kept'
      const options = {
        course: plan,
        configs,
        front,
        signal: stopHere.signal,
        log: silent,
        onEvent,
        keepReceipt,
        abandonedMs: -1,
      }
      try {
        const run = await moveRoute(options)
        assert.equal(run.state, 'done')
        break
      } catch (error) {
        assert.equal(error, ended, messageOf(error))
        assert.ok(round < 40)
      }
    }
    await startLinkAgain()
    await java.produce(clusters.virginia.access, 'orders', numbered('after-all', 30, 3))
    await sameBothWays('virginia', 'seoul')
  })

  test('mirrors that stand still go along with what they hold, and what they lack is named', async () => {
    const sides = { source: clusters.virginia, destination: clusters.seoul, topic: 'payments' }
    await awaitInStep(java, sides)
    await pauseMirror(clusters.seoul.config, 'payments')
    await java.produce(clusters.virginia.access, 'payments', numbered('left', 5, 1))
    const what = { ...course('switchover', 'virginia', 'seoul', 'skipping'), skips: ['payments'] }
    const { state, memo } = await move(what)
    assert.equal(state, 'done')
    assert.match(
      memoSchema.parse(memo).notes.join('\n'),
      /payments stood still: 5 offsets .* behind on virginia/,
    )
    await startLinkAgain()
    await sameBothWays('seoul', 'virginia')
  })
})

describe('a failover', () => {
  test('goes on at what has arrived, and does not ask the cluster that it leaves', async () => {
    await sameBothWays('seoul', 'virginia')
    const run = await move(course('failover', 'seoul', 'virginia', 'without'))
    assert.equal(run.state, 'done')
    await using cluster = await Cluster.connect(clusters.virginia.config)
    const log = new RouteLog(cluster)
    await log.refresh()
    const { active, alone, phase } = log.view.route('shop')!
    assert.deepEqual([active, alone, phase], ['virginia', true, 'open'])
    await java.produce(clusters.virginia.access, 'orders', numbered('after-the-failover', 30, 3))
  })
})
