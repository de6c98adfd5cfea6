import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Log } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import { deleteAcls, describeAcls } from '../../src/client/admin/acls.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { RouteKeeper } from '../../src/failover/keeper/route-keeper.ts'
import type { Course, FailoverKind } from '../../src/failover/run/course.ts'
import { memoSchema } from '../../src/failover/run/memo.ts'
import { moveRoute } from '../../src/failover/run/start.ts'
import { openStateStore } from '../../src/link/state/store.ts'
import { defaultTravel } from '../../src/link/travel/options.ts'
import { BASE_PORT, NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** Clients are denied to write where a route has left; kmc and its link, who are no super users, are not. */

const { clusters, stop } = await startClusters({
  seoul: { kafka: NEWEST, security: true },
  virginia: { kafka: NEWEST, security: true },
})
const java = await JavaClient.start()
type Name = keyof typeof clusters
const ROUTE_PORT = BASE_PORT + 200
const PASSWORD = 'a-password-of-the-test'
const SOON = { withinMs: PATIENCE_MS, everyMs: 200 }
const as = (name: Name): ClusterConfig => {
  const sasl = { mechanism: 'SCRAM-SHA-512', username: 'mover', password: new Secret(PASSWORD) } as const
  return { ...clusters[name].config, sasl }
}
const app = (name: Name) => {
  const user = { mechanism: 'SCRAM-SHA-512', username: 'app', password: PASSWORD } as const
  return { ...clusters[name].access, user }
}
const acls = { topics: ['*'], groups: ['*'], transactionalIds: [], principals: ['User:app'], map: {} }
const spec = linkSpec('dr', clusters.seoul, clusters.virginia, {
  ...{ source: as('seoul'), destination: as('virginia'), travel: { ...defaultTravel, acls } },
})
let link: TestLink
let keeper: RouteKeeper

before(async () => {
  for (const name of ['seoul', 'virginia'] as const) {
    const { access } = clusters[name]
    for (const user of ['mover', 'app']) await java.createUser(access, user, PASSWORD)
    await java.addAcls(access, [
      { user: 'mover', resource: 'TOPIC', name: '*', operation: 'ALL' },
      { user: 'mover', resource: 'GROUP', name: '*', operation: 'ALL' },
      { user: 'mover', resource: 'TRANSACTIONAL_ID', name: '*', operation: 'ALL' },
      { user: 'mover', resource: 'CLUSTER', name: 'kafka-cluster', operation: 'ALL' },
    ])
  }
  await java.createTopics(clusters.seoul.access, [{ name: 'orders', partitions: 2 }])
  const grants = ['WRITE', 'READ'].map((operation) => ({
    user: 'app',
    resource: 'TOPIC',
    name: 'orders',
    operation,
  }))
  await java.addAcls(clusters.seoul.access, grants as Parameters<JavaClient['addAcls']>[1])
  await java.produce(clusters.seoul.access, 'orders', numbered('first', 20, 2))
  link = await TestLink.start(spec)
  await inStep('seoul', 'virginia')
  for (const name of ['seoul', 'virginia'] as const) {
    await using cluster = await Cluster.connect(as(name))
    await openStateStore(cluster)
  }
  const isGranted = async () => (await grantsOn('virginia')).some(({ principal }) => principal === 'User:app')
  await waitUntil('rights have travelled', isGranted, SOON)
  keeper = await startKeeper()
})

after(async () => {
  await keeper?.stop()
  await link?.stop()
  await java.close()
  await stop()
})

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

async function startKeeper(): Promise<RouteKeeper> {
  const names = ['seoul', 'virginia'] as const
  const listen = { host: '127.0.0.1', port: ROUTE_PORT, slots: 1 }
  const route = { name: 'shop', listen, clusters: names.map((name) => ({ name, config: as(name) })) }
  const own = { route: 'shop', id: 'g', host: 'h', pid: process.pid, since: Date.now() }
  const started = await RouteKeeper.start(
    { route, keeper: { ...own, primary: 'seoul', standby: 'virginia', standbyLost: 'serve' } },
    silent,
  )
  await waitUntil('the route takes writes', () => started.status().mayWrite, SOON)
  return started
}

const inStep = (source: Name, destination: Name) =>
  awaitInStep(java, { source: clusters[source], destination: clusters[destination], topic: 'orders' })

async function move(kind: FailoverKind, from: Name, to: Name) {
  const course: Course = {
    route: 'shop',
    kind,
    from,
    to,
    link: 'dr',
    groups: ['*'],
    skips: [],
    plan: `${kind} to ${to}`,
  }
  const told: string[] = []
  // The route passes logins through, so kmc enters it as it enters the clusters.
  const front = [{ name: 'route', bootstrap: [`127.0.0.1:${ROUTE_PORT}`], sasl: as(to).sasl! }]
  const run = await moveRoute({
    ...{ course, configs: { from: as(from), to: as(to) }, front, log: silent },
    signal: AbortSignal.timeout(120_000),
    onEvent: (event) => void told.push(JSON.stringify(event)),
    keepReceipt: async () => 'kept',
  })
  assert.equal(run.state, 'done', told.join('\n'))
  return memoSchema.parse(run.memo)
}

async function mayWrite(name: Name, what: string): Promise<boolean> {
  try {
    await java.produce(app(name), 'orders', numbered(what, 2, 2))
    return true
  } catch (error) {
    assert.match(String(error), /[Aa]uthoriz/)
    return false
  }
}

async function grantsOn(name: Name) {
  await using cluster = await Cluster.connect(as(name))
  return await describeAcls(cluster, { permission: 'allow' })
}

async function denials(name: Name) {
  await using cluster = await Cluster.connect(as(name))
  return await describeAcls(cluster, { permission: 'deny' })
}

test('a switchover denies clients the cluster that it leaves, and nobody else; the link goes on there', async () => {
  const { fence, directWriters, probe } = await move('switchover', 'seoul', 'virginia')
  assert.ok(probe !== null && probe.acknowledged > 1 && probe.longestMs > 0)
  assert.deepEqual([fence?.state, fence?.entries, directWriters], ['raised', 1, []])
  assert.equal(await mayWrite('seoul', 'past'), false)
  await waitUntil('the app may write', () => mayWrite('virginia', 'moved'), SOON)
  assert.deepEqual(await denials('virginia'), [], 'the fence does not travel')
  assert.equal((await link.ended).why, 'turned')
  await link.stop()
  link = await TestLink.start(spec)
  await inStep('virginia', 'seoul')
})

test('a fence that somebody took down is made again', async () => {
  await waitUntil('the gateway knows', () => keeper.status().left?.fence?.state === 'raised', SOON)
  const [entry] = await denials('seoul')
  assert.deepEqual([entry?.principal, entry?.resourceName, entry?.operation], ['User:app', 'orders', 'write'])
  {
    await using cluster = await Cluster.connect(as('seoul'))
    await deleteAcls(cluster, [{ permission: 'deny' }])
  }
  await waitUntil('it is there again', async () => (await denials('seoul')).length === 1, SOON)
})

test('who comes back is let in before the route leads there, and the other side is closed', async () => {
  await move('switchover', 'virginia', 'seoul')
  assert.equal(await mayWrite('seoul', 'back'), true)
  assert.equal(await mayWrite('virginia', 'past'), false)
  assert.deepEqual(await denials('seoul'), [])
})

test('who writes there all the same is named', async () => {
  const watched = () => keeper.status().left?.cluster === 'virginia' && keeper.status().left?.fence !== null
  await waitUntil('the gateway watches', watched, SOON)
  const named = async () => {
    await java.produce(clusters.virginia.access, 'orders', numbered('super user', 2, 2))
    return keeper.status().left!.directWriters.length > 0
  }
  await waitUntil('it is named', named, { withinMs: PATIENCE_MS, everyMs: 1_000 })
  const [writer] = keeper.status().left!.directWriters
  assert.ok(writer!.topic === 'orders' && writer!.producerId !== null && writer!.producerId < 2 ** 52)
})

test('a cluster that was lost denies clients once it is back', async () => {
  await clusters.seoul.stop()
  const { fence, probe } = await move('failover', 'seoul', 'virginia')
  assert.equal(fence?.state, 'waiting')
  assert.ok(probe !== null && probe.longestMs > 0, 'from the command to the first record that came through')
  await waitUntil('it is known', () => keeper.status().left?.fence?.state === 'waiting', SOON)
  assert.equal(await mayWrite('virginia', 'after the loss'), true)
  await clusters.seoul.start()
  const isRaised = () => keeper.status().left?.fence?.state === 'raised'
  await waitUntil('the fence is raised', isRaised, { ...SOON, lastSeen: () => keeper.status() })
  assert.equal(await mayWrite('seoul', 'too late'), false)
})
