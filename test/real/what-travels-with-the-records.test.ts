import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { OwnedNotes, TravelAdapter } from '../../src/link/ports/travel.ts'
import { handOver, removeOwned } from '../../src/link/travel/hand-over.ts'
import { NEWEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { kafkaTool } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** ACLs, quotas, users and groups of secured clusters, as Kafka's own tools see them. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST, security: true },
  destination: { kafka: NEWEST, security: true },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const TRAVEL_MS = 40_000
const PASSWORD = 'a-password-of-the-test'
const ACLS = 'org.apache.kafka.tools.AclCommand'
const acls = { topics: ['*'], groups: ['*'], transactionalIds: [], principals: ['*'], map: {} }
const travel = {
  configs: { include: ['*'], exclude: [], defaults: 'destination' },
  ...{ acls, quotas: { users: ['*'], clientIds: ['*'] }, users: { names: ['*'], passwords: {} } },
  deletion: { afterMs: null, shareMax: 0.5 },
} as const
const spec = linkSpec('all', source, destination, { prefix: 'kr.', travel })
let link: TestLink

before(async () => {
  const names = ['orders', 'payments']
  await java.createTopics(
    source.access,
    names.map((name) => ({ name, partitions: 1 })),
  )
  for (const name of names) await java.produce(source.access, name, numbered(name, 20, 1))
  for (const cluster of [source, destination]) await java.createUser(cluster.access, 'app', PASSWORD)
  link = await TestLink.start(spec)
  await awaitInStep(java, { source, destination, topic: 'orders', mirror: 'kr.orders' })
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

/** What kafka-acls lists, one line an entry: `TOPIC LITERAL kr.orders: User:app READ ALLOW`. */
async function listed(cluster: TestCluster): Promise<string[]> {
  const output = await kafkaTool(cluster.access, ACLS, ['--list'])
  const lines: string[] = []
  let resource = ''
  for (const line of output.split('\n')) {
    const head = /resourceType=(\w+), name=([^,]+), patternType=(\w+)/.exec(line)
    if (head !== null) resource = `${head[1]} ${head[3]} ${head[2]}`
    const entry = /principal=([^,]+), host=[^,]+, operation=(\w+), permissionType=(\w+)/.exec(line)
    if (entry !== null) lines.push(`${resource}: ${entry[1]} ${entry[2]} ${entry[3]}`)
  }
  return lines.sort()
}

async function awaitAcls(what: string, holds: (lines: readonly string[]) => boolean): Promise<string[]> {
  let seen: string[] = []
  const look = async () => {
    seen = await listed(destination)
    return holds(seen) ? seen : null
  }
  const lastSeen = () => ({ seen, travel: link.status().travel, log: link.log.slice(-5) })
  return await waitUntil(what, look, { withinMs: TRAVEL_MS, lastSeen })
}

test('an ACL of a mirrored topic appears, goes with its source, and foreign ones are not touched', async () => {
  const foreign = { user: 'local', resource: 'TOPIC', name: 'kr.payments', operation: 'READ' } as const
  await java.addAcls(destination.access, [foreign])
  const app = { user: 'app', resource: 'TOPIC', name: 'orders' } as const
  await java.addAcls(source.access, [
    { ...app, operation: 'READ' },
    { ...app, operation: 'WRITE' },
    { ...app, name: 'pay', pattern: 'PREFIXED', operation: 'DESCRIBE' },
    { user: 'app', resource: 'GROUP', name: 'billing', operation: 'READ' },
  ])
  const wanted = [
    'GROUP LITERAL billing: User:app READ ALLOW',
    'TOPIC LITERAL kr.orders: User:app READ ALLOW',
    'TOPIC LITERAL kr.payments: User:local READ ALLOW',
    'TOPIC PREFIXED kr.pay: User:app DESCRIBE ALLOW',
  ]
  const all = await awaitAcls('the ACLs', (lines) => wanted.every((line) => lines.includes(line)))
  assert.deepEqual(all, wanted, 'and no WRITE')
  await java.removeAcls(source.access, [{ ...app, operation: 'READ' }])
  const rest = wanted.filter((line) => !line.includes('kr.orders'))
  assert.deepEqual(await awaitAcls('one gone', (lines) => lines.length === rest.length), rest)
})

test('an application cannot write to a mirror, and can once the mirror was handed over', async () => {
  const user = { mechanism: 'SCRAM-SHA-512', username: 'app', password: PASSWORD } as const
  const asApp = { ...destination.access, user }
  const write = () => java.produce(asApp, 'kr.orders', numbered('app', 1, 1))
  await assert.rejects(write, /TopicAuthorization/)
  await using cluster = await Cluster.connect(destination.config)
  const [to, book] = [new TravelAdapter(cluster), new OwnedNotes(cluster, 'all')]
  await link.stop()
  assert.deepEqual(await handOver(to, book, { topics: new Set(['orders']), last: false }), [])
  await write()
  const lines = await listed(destination)
  assert.ok(lines.includes('TOPIC LITERAL kr.orders: User:app WRITE ALLOW'), lines.join('\n'))
  await removeOwned(to, book)
  assert.deepEqual(await listed(destination), [
    'TOPIC LITERAL kr.orders: User:app WRITE ALLOW',
    'TOPIC LITERAL kr.payments: User:local READ ALLOW',
  ])
})
