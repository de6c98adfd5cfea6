import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { alterShareOffsets } from '../../src/client/admin/share-offsets.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { ClusterDoor } from '../../src/observe/cluster-door.ts'
import { ClusterWatch, type WatchPace } from '../../src/observe/watch/cluster-watch.ts'
import type { GroupView } from '../../src/observe/watch/view.ts'
import { ShareGroupHeartbeat } from '../../src/wire/apis/076-share-group-heartbeat.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { kafkaTool } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { bytesOf } from '../harness/records.ts'
import { streamsHeartbeat } from '../harness/streams-member.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** A watch says of groups what Kafka's own tool says; a cluster that hangs keeps its last data, and others go on. */

const PACE: WatchPace = { everyMs: 500, slowlyMs: 1_000, commitsMs: 200, useMs: 2_000 }
const { clusters, stop } = await startClusters({
  lively: { kafka: NEWEST },
  hanging: { kafka: NEWEST },
})
const java = await JavaClient.start()
const watches: ClusterWatch[] = []
after(async () => {
  for (const watch of watches) await watch[Symbol.asyncDispose]()
  await java.close()
  await stop()
})

function watch(config: ClusterConfig): ClusterWatch {
  const started = ClusterWatch.start(new ClusterDoor({ name: config.name, access: async () => config }), {
    pace: PACE,
  })
  watches.push(started)
  return started
}

const { access } = clusters.lively
let lively: ClusterWatch
before(async () => {
  await java.createTopics(access, [{ name: 'orders', partitions: 3 }])
  await write(60)
  lively = watch(clusters.lively.config)
})

async function write(count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, at) => ({
    partition: at % 3,
    value: bytesOf(`order ${at}`),
  }))
  await java.produce(access, 'orders', records)
}

async function groupOf(id: string, isDone: (group: GroupView) => boolean): Promise<GroupView> {
  const look = () => lively.view().groups.value?.groups.get(id)
  const isThere = () => {
    const group = look()
    return group !== undefined && isDone(group) && group
  }
  return await waitUntil(`group ${id}`, isThere, { withinMs: PATIENCE_MS, lastSeen: look })
}

/** Group, topic, partition, position, end, lag and whether somebody reads it, as the tool tells. */
async function described(...groups: string[]): Promise<unknown[]> {
  const output = await kafkaTool(access, 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', [
    '--describe',
    ...groups.flatMap((group) => ['--group', group]),
  ])
  const number = (text = '-') => (text === '-' ? null : Number(text))
  const rows = output.split('\n').flatMap((line) => {
    const [group = '', topic, partition, position, end, lag, member] = line.trim().split(/\s+/)
    const numbers = [number(partition), number(position), number(end), number(lag)]
    return groups.includes(group) ? [[group, topic, ...numbers, member !== '-'].join(' ')] : []
  })
  return rows.sort()
}

function asDescribed({ groupId, partitions }: GroupView): string[] {
  return partitions.map(({ topic, partition, position, end, lag, owner }) =>
    [groupId, topic, partition, position, end, lag.records, owner !== null].join(' '),
  )
}

test('positions, ends, lag and members are as ConsumerGroupCommand tells, of both protocols', async () => {
  const protocols = ['classic', 'consumer'] as const
  for (const protocol of protocols) {
    await java.commitPositions(access, protocol, 'orders', { 0: 20, 1: 15, 2: 0 })
    await java.join(access, `member-${protocol}`, protocol, ['orders'], protocol)
  }
  await java.commitPositions(access, 'without-members', 'orders', { 1: 7 })
  const isOwned = ({ partitions }: GroupView) => partitions.every(({ owner }) => owner !== null)
  const groups = [await groupOf('without-members', ({ partitions }) => partitions.length === 1)]
  for (const protocol of protocols) {
    const group = await groupOf(
      protocol,
      (one) => one.type === protocol && isOwned(one) && one.lag.records === 25,
    )
    assert.equal(group.members?.length, 1)
    groups.push(group)
  }
  const expected = await described('classic', 'consumer', 'without-members')
  assert.equal(expected.length, 7)
  assert.deepEqual(groups.flatMap(asDescribed).sort(), expected)
  for (const protocol of protocols) await java.leave(`member-${protocol}`)
})

test('commits are seen one by one, and a lag has the seconds since its first record was written', async () => {
  const id = 'seconds'
  assert.equal(lively.view().groups.value?.commits, 'log')
  await java.commitPositions(access, id, 'orders', { 0: 20, 1: 20, 2: 20 })
  await java.commitPositions(access, id, 'orders', { 0: 20, 1: 20, 2: 20 })
  const isTwice = ({ partitions }: GroupView) => partitions.every(({ first, last }) => first!.at < last!.at)
  await groupOf(id, (group) => group.lag.records === 0 && isTwice(group))
  const beforeMs = Date.now()
  await write(3)
  const afterMs = Date.now()
  const group = await groupOf(id, ({ lag }) => lag.records === 3 && (lag.seconds ?? 0) > 1)
  // A look before the records and one after them bound the time; two looks are at least half a second apart.
  assert.ok(group.lag.seconds! * 1_000 < Date.now() - beforeMs + 2 * PACE.everyMs, `${group.lag.seconds} s`)
  assert.ok(afterMs >= beforeMs && (group.lag.bytes ?? 0) > 0)
})

test('a Streams application is there, with what it reads', async () => {
  await using cluster = await Cluster.connect(clusters.lively.config)
  assert.equal(await streamsHeartbeat(cluster, 'orders', 0), 'streams')
  const group = await groupOf('streams', ({ type, members }) => type === 'streams' && members?.length === 1)
  assert.ok(group.members?.[0]?.assignment !== null)
  await streamsHeartbeat(cluster, 'orders', -1)
})

test('a share group is there, with its start as its position and its members', async () => {
  await using cluster = await Cluster.connect(clusters.lively.config)
  const groupId = 'sharers'
  const begin = async () => {
    const [outcome] = await alterShareOffsets(cluster, groupId, [
      { topic: 'orders', partition: 1, offset: 5 },
    ])
    return outcome!.ok
  }
  // The topic of share groups is made at the first use of one.
  await waitUntil('the group is made', begin, { withinMs: PATIENCE_MS })
  const group = await groupOf(groupId, ({ partitions }) => partitions.length === 1)
  assert.deepEqual([group.type, group.partitions[0]?.position], ['share', 5])
  assert.equal(group.lag.records, group.partitions[0]!.end! - 5)
  const node = await cluster.coordinator('group', groupId)
  const who = { groupId, memberId: 'Vkd3bE1FbUFRSGlxUEFBQg', rackId: null }
  let memberEpoch = 0
  const hasWork = async () => {
    const more = memberEpoch === 0 ? { subscribedTopicNames: ['orders'] } : {}
    const answer = await cluster.request(ShareGroupHeartbeat, { ...who, memberEpoch, ...more }, { node })
    memberEpoch = answer.memberEpoch
    const [member] = lively.view().groups.value?.groups.get(groupId)?.members ?? []
    return member?.assignment?.some(({ topic, partitions }) => topic === 'orders' && partitions.length === 3)
  }
  const lastSeen = () => lively.view().groups.value?.groups.get(groupId)
  await waitUntil('it has work', hasWork, { withinMs: PATIENCE_MS, everyMs: 500, lastSeen })
  await cluster.request(ShareGroupHeartbeat, { ...who, memberEpoch: -1 }, { node })
})

test('a cluster that hangs keeps its last data, with their age and the reason; the other goes on', async () => {
  const hanging = watch(clusters.hanging.config)
  const isKnown = () => hanging.view().brokers.value !== null && hanging.view().topics.value !== null
  await waitUntil('the cluster is known', isKnown, { withinMs: PATIENCE_MS })
  const pid = clusters.hanging.pidOf(clusters.hanging.brokers[0]!)!
  process.kill(pid, 'SIGSTOP')
  try {
    const seen = () => hanging.view().health.some(({ kind }) => kind === 'unreachable')
    await waitUntil('the hang is told', seen, { withinMs: PATIENCE_MS, lastSeen: () => hanging.view() })
    const { brokers } = hanging.view()
    assert.equal(brokers.value?.brokers.length, 1)
    assert.ok(brokers.trouble !== null && brokers.trouble.since >= brokers.at!)
    const at = lively.view().brokers.at!
    await waitUntil('the other goes on', () => lively.view().brokers.at! > at, { withinMs: PATIENCE_MS })
    assert.equal(lively.view().brokers.trouble, null)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const isBack = () => hanging.view().brokers.trouble === null
  await waitUntil('it is back', isBack, { withinMs: PATIENCE_MS, lastSeen: () => hanging.view().brokers })
})
