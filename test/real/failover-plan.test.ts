import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { succeeded } from '../../src/client/outcome.ts'
import { lastSeenOf } from '../../src/failover/plan/last-seen.ts'
import { planFailover } from '../../src/failover/plan/make-plan.ts'
import type { FailoverPlan } from '../../src/failover/plan/plan.ts'
import { readReceipts, saveReceipt } from '../../src/failover/receipt/store.ts'
import type { LinkStatus } from '../../src/link/status.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** What a plan says of two clusters is what is there; what it cannot see is unknown. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST, security: true },
  destination: { kafka: NEWEST, security: true, config: { 'log.retention.hours': '24' } },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const PASSWORD = 'a-password-of-the-test'
const spec = linkSpec('dr', source, destination, {
  topics: ['orders'],
  groups: ['billing'],
  producerIdsFrom: 1_000,
})
let link: TestLink | null = null
let seen: LinkStatus

before(async () => {
  await java.createTopics(source.access, [
    { name: 'orders', partitions: 2 },
    { name: 'audit', partitions: 1 },
  ])
  await java.produce(source.access, 'orders', numbered('first', 40, 2))
  await java.produce(source.access, 'audit', numbered('audit', 4, 1))
  await java.commitPositions(source.access, 'billing', 'orders', { 0: 7, 1: 9 })
  await java.commitPositions(source.access, 'auditors', 'audit', { 0: 2 })
  await java.createUser(source.access, 'app', PASSWORD)
  await java.addAcls(source.access, [{ user: 'app', resource: 'TOPIC', name: 'orders', operation: 'WRITE' }])
  link = await TestLink.start(spec)
  await awaitInStep(java, { source, destination, topic: 'orders' })
  await waitUntil(
    'positions are there',
    async () => {
      const positions = await java.positions(destination.access, 'billing')
      return positions['orders-1']?.offset === 9
    },
    { withinMs: 60_000 },
  )
})

/** The link raises the producer ids of its destination by the side of its work. */
before(async () => {
  const isRaised = async () => codes(await plan()).join() === 'DRIFT'
  await waitUntil('producer ids are apart', isRaised, { withinMs: 60_000, everyMs: 500 })
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

async function plan(...flags: string[]): Promise<FailoverPlan> {
  const accepted = new Set(flags)
  return await planFailover(
    {
      route: { name: 'shop', primary: 'source', standby: 'destination' },
      access: new Map([source, destination].map((one) => [one.name, succeeded(one.config)])),
      linkBetween: () => spec,
      lastSeen: async () => lastSeenOf(spec.name, seen?.mirrors ?? [], seen?.groups ?? []),
    },
    { kind: accepted.has('force') ? 'failover' : undefined, accepted },
  )
}

const codes = ({ refusals }: FailoverPlan) => refusals.map(({ code }) => code)

describe('a plan while both clusters are there', () => {
  test('says that nothing would be lost, and what is different on the other side', async () => {
    const made = await plan()
    assert.deepEqual([made.kind, made.lost.records, made.drained.records], ['switchover', 0, 0])
    assert.deepEqual(codes(made), ['DRIFT'])
    const billing = made.groups.find(({ group }) => group === 'billing')
    assert.deepEqual([billing?.verdict, billing?.reRead, billing?.skipped], ['in-step', 0, 0])
    const told = made.drift.map(({ severity, what }) => `${severity}: ${what}`).join('\n')
    assert.match(told, /blocks: audit is used by group auditors.* and has no mirror on destination/)
    assert.match(told, /blocks: User:app may not write topic orders on destination/)
    assert.match(told, /blocks: user app has no credentials on destination/)
    assert.match(
      told,
      /warning: retention.ms is 604800000 on source and would be 86400000 on destination: orders/,
    )
  })

  test('is refused without a worker; forced it says what would be lost', async () => {
    seen = link!.status()
    await link!.stop()
    link = null
    await java.produce(source.access, 'orders', numbered('later', 10, 2))
    const made = await plan('accept-drift')
    assert.deepEqual(codes(made), ['LINK_NOT_RUNNING'])
    assert.equal(made.drained.records, 10)
    const forced = await plan('accept-drift', 'force')
    assert.deepEqual([forced.kind, forced.lost.records, codes(forced)], ['failover', 10, []])
    assert.ok(forced.lost.bytes! > 0 && forced.lost.seconds! > 0)
  })
})

test('a receipt is kept on both clusters', async () => {
  await using here = await Cluster.connect(source.config)
  await using there = await Cluster.connect(destination.config)
  const nothing = { records: 0, bytes: 0, seconds: 0 }
  const who = { by: { user: 'u', host: 'h' }, from: 'source', to: 'destination', route: 'shop' }
  const what = { id: 'r', plan: null, kind: 'switchover', outcome: 'done', lost: nothing, rtoMs: 1 } as const
  const none = { steps: [], partitions: [], groups: [], fence: null, directWriters: [], left: [] }
  const when = { startedAt: 1, endedAt: 2, partitionsInAll: 0, verification: null }
  await saveReceipt({ ...who, ...what, ...none, ...when }, [here, there])
  for (const cluster of [here, there]) {
    const kept = await readReceipts(cluster)
    assert.deepEqual(
      kept.map(({ receipt }) => receipt.id),
      ['r'],
    )
  }
})

test('a cluster that does not answer costs seconds, and what was seen of it last is told', async () => {
  const pids = source.brokers.map((broker) => source.pidOf(broker)!)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    const made = await plan()
    assert.deepEqual([made.kind, made.fromAnswers, codes(made)], ['failover', false, []])
    assert.equal(made.lost.records, 0, 'as the worker saw it before the rest was written')
    assert.ok(made.seenAt !== null && made.seenAt < made.madeAt)
    assert.deepEqual(
      made.groups.map(({ group, reRead }) => [group, reRead]),
      [['billing', null]],
    )
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
})
