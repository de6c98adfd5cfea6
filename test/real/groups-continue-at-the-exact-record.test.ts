import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { bytesOf, lineOf, type SeenRecord } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered, workloads } from '../harness/workloads.ts'

/** I5: a consumer group that moves to the destination continues at the very record at which it stood. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST },
  oldest: { kafka: OLDEST },
  // A quota holds within two seconds instead of eleven.
  destination: { kafka: NEWEST, config: { 'quota.window.num': '2' } },
})
const java = await JavaClient.start()
const { newest, oldest, destination } = clusters
/** Longer than several rounds of the link, in which it would have moved a position. */
const SEVERAL_ROUNDS_MS = 4_000
const TOPIC = 'transactions'
const links: TestLink[] = []

before(async () => {
  for (const source of [newest, oldest]) {
    await workloads.find(({ topic }) => topic === TOPIC)!.fill(java, source.access)
    links.push(
      await TestLink.start(linkSpec(source.name, source, destination, { prefix: `${source.name}.` })),
    )
    await awaitInStep(java, { source, destination, topic: TOPIC, mirror: `${source.name}.${TOPIC}` })
  }
})

after(async () => {
  await Promise.all(links.map((link) => link.stop()))
  await java.close()
  await stop()
})

/** Offsets by partition of a group, as Kafka's admin client sees them. */
async function offsetsOf(cluster: TestCluster, group: string): Promise<Record<string, number>> {
  const positions = await java.positions(cluster.access, group)
  const entries = Object.entries(positions).map(([at, { offset }]) => [at.split('-').at(-1)!, offset])
  return Object.fromEntries(entries) as Record<string, number>
}

async function awaitPositions(source: TestCluster, group: string): Promise<void> {
  const wanted = JSON.stringify(await offsetsOf(source, group))
  let seen: unknown
  const isSame = async () => {
    seen = await offsetsOf(destination, group)
    return JSON.stringify(seen) === wanted
  }
  const what = `positions of ${group} as on ${source.name}: ${wanted}`
  await waitUntil(what, isSame, { withinMs: PATIENCE_MS, lastSeen: () => seen })
}

function lines(records: readonly SeenRecord[]): string[] {
  return records.map((record) => lineOf(record, { timestampType: true })).sort()
}

for (const source of [newest, oldest]) {
  test(`${source.name} → ${destination.name}: moved in mid-topic, with its metadata`, async () => {
    const [group, mirror] = [`moving-${source.name}`, `${source.name}.${TOPIC}`]
    const all = await java.read(source.access, TOPIC)
    const before = await java.consume(source.access, group, [TOPIC], {
      count: 120,
      metadata: 'as of batch 7',
    })
    await awaitPositions(source, group)
    for (const position of Object.values(await java.positions(destination.access, group))) {
      assert.equal(position.metadata, 'as of batch 7')
      assert.equal(position.leaderEpoch, null, 'an epoch of the source would silence the consumer')
    }
    const rest = await java.consume(destination.access, group, [mirror], { count: all.length - 120 })
    assert.deepEqual(lines([...before, ...rest]), lines(all))
  })
}

for (const protocol of ['classic', 'consumer'] as const) {
  test(`a group in use on the destination (${protocol} protocol) is not moved until it is left`, async () => {
    const group = `in-use-${protocol}`
    await java.consume(newest.access, group, [TOPIC], { count: 20, protocol })
    await awaitPositions(newest, group)
    const standing = await offsetsOf(destination, group)
    await java.join(destination.access, 'member', group, [`newest.${TOPIC}`], protocol)
    await java.consume(newest.access, group, [TOPIC], { count: 40, protocol })
    const stateOf = () => links[0]!.status().groups.find((status) => status.group === group)?.state
    const isSeen = () => stateOf() === 'active'
    await waitUntil('the link sees it in use', isSeen, { withinMs: PATIENCE_MS, lastSeen: stateOf })
    await sleep(SEVERAL_ROUNDS_MS)
    assert.deepEqual(await offsetsOf(destination, group), standing)
    await java.leave('member')
    await awaitPositions(newest, group)
  })
}

test('a position outside of what the mirror holds is brought inside', async () => {
  await java.createTopics(newest.access, [{ name: 'short', partitions: 1 }])
  await java.produce(newest.access, 'short', numbered('short', 30))
  await awaitInStep(java, { source: newest, destination, topic: 'short', mirror: 'newest.short' })
  await java.commitPositions(newest.access, 'beyond', 'short', { 0: 1_000 })
  const isThere = async () => (await offsetsOf(destination, 'beyond'))['0'] === 30
  await waitUntil('a clamped position', isThere, { withinMs: PATIENCE_MS })
})

describe('positions follow data', () => {
  test('a position waits for a record of another topic that stands in an open transaction', async () => {
    await java.createTopics(newest.access, [{ name: 'cause', partitions: 1 }])
    await java.createTopics(newest.access, [{ name: 'effect', partitions: 1 }])
    await java.produce(newest.access, 'cause', numbered('cause', 5))
    for (const topic of ['cause', 'effect']) {
      await awaitInStep(java, { source: newest, destination, topic, mirror: `newest.${topic}` })
    }
    await java.open(newest.access, 'effects', { transactionalId: 'effects' })
    await java.transaction('effects', 'begin')
    await java.send('effects', 'effect', numbered('effect', 5))
    await java.commitPositions(newest.access, 'causes', 'cause', { 0: 5 })
    await sleep(SEVERAL_ROUNDS_MS)
    assert.deepEqual(await offsetsOf(destination, 'causes'), {})
    await java.transaction('effects', 'commit')
    await awaitPositions(newest, 'causes')
    assert.equal((await java.read(destination.access, 'newest.effect')).length, 5)
  })

  const [ASKED, ANSWERED, GROUP] = ['asked', 'answered', 'worker']
  const ROUNDS = 24
  const ANSWER = bytesOf('answer '.repeat(6_000))
  /** The answers need ten seconds to arrive, where positions would need one. */
  const QUOTA_BYTES_PER_SECOND = 100_000

  /** An application: takes a question, writes its answer, and only then says that the question is done. */
  async function work(): Promise<void> {
    await java.open(newest.access, 'application')
    for (let round = 1; round <= ROUNDS; round++) {
      await java.send('application', ASKED, [{ partition: 0, value: bytesOf(`question ${round}`) }])
      await java.send('application', ANSWERED, [{ partition: 1, value: ANSWER }])
      await java.commitPositions(newest.access, GROUP, ASKED, { 0: round })
    }
    await java.closeProducer('application')
  }

  async function look(): Promise<{ position: number; asked: number; answered: number }> {
    const position = (await offsetsOf(destination, GROUP))['0'] ?? 0
    const endOf = async (topic: string, partition: number) =>
      (await java.ranges(destination.access, `newest.${topic}`))[partition]?.[1] ?? 0
    return { position, asked: await endOf(ASKED, 0), answered: await endOf(ANSWERED, 1) }
  }

  test('what a position says was done has always arrived', async () => {
    await java.createTopics(newest.access, [
      { name: ASKED, partitions: 1 },
      // Another partition goes over another connection, which a quota mutes alone.
      { name: ANSWERED, partitions: 2 },
    ])
    for (const topic of [ASKED, ANSWERED]) {
      await awaitInStep(java, { source: newest, destination, topic, mirror: `newest.${topic}` })
    }
    await java.setProducerQuota(destination.access, QUOTA_BYTES_PER_SECOND)
    const application = work()
    const ahead: unknown[] = []
    let last: unknown
    const hasArrived = async () => {
      const now = await look()
      last = now
      if (now.asked < now.position || now.answered < now.position) ahead.push(now)
      return now.position === ROUNDS
    }
    try {
      await waitUntil('the last position', hasArrived, { withinMs: PATIENCE_MS, lastSeen: () => last })
    } finally {
      await application
      await java.setProducerQuota(destination.access, null)
    }
    assert.deepEqual(ahead, [])
  })
})
