import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Secret } from '../../src/base/secret.ts'
import { fetchShareOffsets } from '../../src/client/admin/share-offsets.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { wishFor } from '../../src/fleet/apply/link-state.ts'
import { explainGroupOf } from '../../src/link/explain-group.ts'
import type { GroupExplanation } from '../../src/link/groups/explain.ts'
import { askOfMirrors } from '../../src/link/intents/request.ts'
import { OwnedNotes, TravelAdapter } from '../../src/link/ports/travel.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import { removeOwned } from '../../src/link/travel/hand-over.ts'
import { NEWEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { kafkaTool } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { streamsHeartbeat } from '../harness/streams-member.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** ACLs, quotas, users and groups of secured clusters, as Kafka's own tools see them. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST, security: true },
  destination: { kafka: NEWEST, security: true },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const TRAVEL = { withinMs: PATIENCE_MS, everyMs: 500 }
const PASSWORD = 'a-password-of-the-test'
const GIVEN = 'a-password-that-is-given'
const CONFIGS = 'kafka.admin.ConfigCommand'
const ACLS = 'org.apache.kafka.tools.AclCommand'
const acls = { topics: ['*'], groups: ['*'], transactionalIds: [], principals: ['*'], map: {} }
const travel = {
  configs: { include: ['*'], exclude: [], defaults: 'destination' },
  ...{
    acls,
    quotas: { users: ['*'], clientIds: ['*'] },
    users: { names: ['*'], passwords: { given: 'env:GIVEN' } },
  },
  deletion: { afterMs: 1_000, shareMax: 0.5 },
} as const
const spec = linkSpec('all', source, destination, {
  ...{ prefix: 'kr.', travel },
  passwords: { given: new Secret(GIVEN) },
})
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
  return await waitUntil(what, look, { ...TRAVEL, lastSeen })
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

test('quotas and users travel; what was there before is left, and who cannot be made is named', async () => {
  const quota = (cluster: TestCluster, user: string, bytes: number) =>
    kafkaTool(cluster.access, CONFIGS, [
      ...['--alter', '--entity-type', 'users', '--entity-name', user],
      ...['--add-config', `producer_byte_rate=${bytes}`],
    ])
  await quota(source, 'app', 1_000_000)
  await quota(destination, 'local', 5_000_000)
  for (const user of ['given', 'unknown']) await java.createUser(source.access, user, PASSWORD)
  const described = () => kafkaTool(destination.access, CONFIGS, ['--describe', '--entity-type', 'users'])
  let seen = ''
  const isThere = async () => {
    seen = await described()
    return /'app' are producer_byte_rate=1000000/.test(seen) && /'given' are SCRAM-SHA-512/.test(seen)
  }
  const lastSeen = () => ({ seen, travel: link.status().travel, log: link.log.slice(-5) })
  await waitUntil('a quota and a user', isThere, { ...TRAVEL, lastSeen })
  assert.match(seen, /'local' are producer_byte_rate=5000000/)
  assert.doesNotMatch(seen, /'unknown'/)
  const user = { mechanism: 'SCRAM-SHA-512', username: 'given', password: GIVEN } as const
  assert.deepEqual(await java.topics({ ...destination.access, user }), [], 'signs in, and sees nothing')
  const isTold = () =>
    /user unknown is missing: Kafka gives no password out/.test(`${link.status().travel?.users.notes}`)
  await waitUntil('the missing user is told', isTold, { ...TRAVEL, lastSeen })
})

test('a share group continues at the record at which it stood', async () => {
  const read = (cluster: TestCluster, topic: string, count: number) =>
    kafkaTool(cluster.access, 'org.apache.kafka.tools.consumer.ConsoleShareConsumer', [
      ...['--topic', topic, '--group', 'sharing', '--timeout-ms', '60000'],
      ...['--max-messages', String(count)],
    ])
  await kafkaTool(source.access, CONFIGS, [
    ...['--alter', '--entity-type', 'groups', '--entity-name', 'sharing'],
    ...['--add-config', 'share.auto.offset.reset=earliest'],
  ])
  const before = await read(source, 'payments', 8)
  await using cluster = await Cluster.connect(destination.config)
  let seen: unknown
  const isThere = async () => {
    const [starts] = await fetchShareOffsets(cluster, ['sharing'])
    seen = starts
    return starts!.ok && starts!.value.some(({ topic, offset }) => topic === 'kr.payments' && offset === 8)
  }
  const lastSeen = () => ({ seen, groups: link.status().groups, log: link.log.slice(-5) })
  await waitUntil('the start of the share group', isThere, { ...TRAVEL, lastSeen })
  const rest = await read(destination, 'kr.payments', 12)
  const keys = (text: string) => text.split('\n').filter((line) => line.startsWith('payments-'))
  assert.equal(new Set([...keys(before), ...keys(rest)]).size, 20)
  assert.equal(keys(rest).length, 12, 'each record once')
})

test('a Streams group takes its positions up, and is not moved while it has a member', async () => {
  await using here = await Cluster.connect(source.config)
  await using there = await Cluster.connect(destination.config)
  assert.equal(await streamsHeartbeat(here, 'orders', 0), 'streams')
  await streamsHeartbeat(here, 'orders', -1)
  const positionThere = async () =>
    (await java.positions(destination.access, 'streams'))['kr.orders-0']?.offset
  const commit = (offset: number) =>
    java.commitPositions(source.access, 'streams', 'orders', { 0: offset }, 'time')
  await commit(7)
  const lastSeen = () => link.status().groups
  await waitUntil('the position', async () => (await positionThere()) === 7, {
    ...TRAVEL,
    lastSeen,
  })
  assert.equal(await streamsHeartbeat(there, 'kr.orders', 0), 'streams')
  await commit(9)
  const isActive = () => link.status().groups.find(({ group }) => group === 'streams')?.state === 'active'
  await waitUntil('the group in use is told', isActive, { ...TRAVEL, lastSeen })
  assert.equal(await positionThere(), 7)
  await streamsHeartbeat(there, 'kr.orders', -1)
  await waitUntil('it goes on', async () => (await positionThere()) === 9, { ...TRAVEL, lastSeen })
})

test('kmc group explain says why, in words', async () => {
  const explain = (group: string, more: Partial<LinkSpec> = {}) => explainGroupOf({ ...spec, ...more }, group)
  const awaitReason = async (group: string, reason: string) => {
    let seen: GroupExplanation | null = null
    const look = async () => {
      seen = await explain(group)
      return seen.reason === reason ? seen : null
    }
    return await waitUntil(`${group} is ${reason}`, look, { ...TRAVEL, lastSeen: () => seen })
  }
  await java.commitPositions(source.access, 'reader', 'orders', { 0: 5 })
  const standing = await awaitReason('reader', 'in-step')
  assert.deepEqual(
    standing.partitions.map(({ destination: there, reason }) => [there, reason]),
    [[5, 'in-step']],
  )
  assert.equal((await explain('nobody')).reason, 'not-at-source')
  assert.match((await explain('reader', { groups: ['other'] })).words, /takes the groups other/)
  await java.join(destination.access, 'member', 'reader', ['kr.orders'])
  await awaitReason('reader', 'active-at-destination')
  await java.leave('member')
  await awaitReason('reader', 'in-step')
  await java.commitPositions(destination.access, 'reader', 'kr.orders', { 0: 2 })
  const moved = await awaitReason('reader', 'moved-at-destination')
  assert.match(moved.partitions[0]!.words, /moved back from 5, which the link had written, to 2/)
  await java.commitPositions(source.access, 'reader', 'orders', { 0: 6 })
  await awaitReason('reader', 'moved-at-destination')
})

test('a worker that starts anew knows that a position was moved behind the source', async () => {
  await link.stop()
  link = await TestLink.start(spec)
  const isSeen = () => link.status().groups.find(({ group }) => group === 'reader')?.state === 'active'
  const lastSeen = () => link.status().groups
  await waitUntil('the moved group is told', isSeen, { ...TRAVEL, lastSeen })
  assert.equal((await java.positions(destination.access, 'reader'))['kr.orders-0']?.offset, 2)
})

test('a mirror follows its topic into deletion, and no other does', async () => {
  await java.createTopics(source.access, [{ name: 'short-lived', partitions: 1 }])
  await java.produce(source.access, 'short-lived', numbered('short', 3, 1))
  await awaitInStep(java, { source, destination, topic: 'short-lived', mirror: 'kr.short-lived' })
  await java.deleteTopics(source.access, ['short-lived'])
  const isGone = async () => !(await java.topics(destination.access)).includes('kr.short-lived')
  const lastSeen = () => ({ status: link.status().mirrors, log: link.log.slice(-5) })
  await waitUntil('the mirror is gone', isGone, { ...TRAVEL, lastSeen })
  const isForgotten = () => link.mirror('short-lived') === undefined
  await waitUntil('and no fault is left of it', isForgotten, { ...TRAVEL, lastSeen })
  const topics = await java.topics(destination.access)
  assert.deepEqual(topics.filter((name) => name.startsWith('kr.')).sort(), ['kr.orders', 'kr.payments'])
})

test('an application cannot write to a mirror, and can once it was failed over, which takes no worker', async () => {
  const user = { mechanism: 'SCRAM-SHA-512', username: 'app', password: PASSWORD } as const
  const asApp = { ...destination.access, user }
  const write = () => java.produce(asApp, 'kr.orders', numbered('app', 1, 1))
  await assert.rejects(write, /TopicAuthorization/)
  await using cluster = await Cluster.connect(destination.config)
  const [to, book] = [new TravelAdapter(cluster), new OwnedNotes(cluster, 'all')]
  await link.stop()
  // A worker of a paused link is not waited for.
  await wishFor(destination.config, 'all', 'paused')
  const options = { timeoutMs: PATIENCE_MS, signal: AbortSignal.timeout(PATIENCE_MS), onProgress() {} }
  const wishes = [{ topic: 'orders', wish: { verb: 'failover' } }] as const
  const [asked] = await askOfMirrors(destination.config, 'all', wishes, options)
  assert.equal(asked!.outcome, 'done', asked!.text)
  await write()
  const lines = await listed(destination)
  assert.ok(lines.includes('TOPIC LITERAL kr.orders: User:app WRITE ALLOW'), lines.join('\n'))
  await removeOwned(to, book)
  assert.deepEqual(await listed(destination), [
    'TOPIC LITERAL kr.orders: User:app WRITE ALLOW',
    'TOPIC LITERAL kr.payments: User:local READ ALLOW',
  ])
})
