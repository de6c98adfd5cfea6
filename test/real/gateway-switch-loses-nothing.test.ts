import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { warm } from '../../src/gateway/warm.ts'
import { NEWEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { assertOnceInOrder, awaitProgress, startRoute } from '../harness/gateways.ts'
import { type FollowerCounts, JavaClient, type JournalPart } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'

/** Clients under load move from one cluster to another, and none of them loses, repeats or reads again anything. */

const TOPIC = 'orders'
const PARTITIONS = 3
const WRITERS = ['plain', 'idempotent', 'transactional'] as const
const GROUPS = ['classic', 'consumer'] as const
/** A transaction has up to 20 records, several may be aborted in a row, each with a marker a partition. */
const GAP = 400
/** Well above all that the clients of one side were ever given, as the fleet does it for links. */
const PRODUCER_IDS_FROM = 5_000

const { clusters, stop } = await startClusters({ here: { kafka: NEWEST }, there: { kafka: NEWEST } })
const java = await JavaClient.start()
const { here, there } = clusters
const front = await startRoute([here, there])
const { route, access, log } = front
const link = await TestLink.start(
  linkSpec('dr', here, there, { topics: [TOPIC], groups: ['!*'], producerIdsFrom: PRODUCER_IDS_FROM }),
)

after(async () => {
  await Promise.all([route.stop(), link.stop()])
  await java.close()
  await stop()
})

async function copyPositions(from: TestCluster, to: TestCluster): Promise<void> {
  for (const group of GROUPS) {
    const positions = await java.positions(from.access, group)
    const offsets = Object.entries(positions).map(([at, { offset }]) => [
      Number(at.split('-').at(-1)),
      offset,
    ])
    assert.equal(offsets.length, PARTITIONS, `${group} has committed`)
    await java.commitPositions(to.access, group, TOPIC, Object.fromEntries(offsets))
  }
}

describe('a planned switch', () => {
  const parts: Record<string, JournalPart> = {}
  const followers: Record<string, FollowerCounts> = {}

  before(async () => {
    await java.createTopics(here.access, [{ name: TOPIC, partitions: PARTITIONS }])
    for (const kind of WRITERS) {
      const perSecond = kind === 'transactional' ? 5 : 50
      const writer = { name: kind, kind, topic: TOPIC, partitions: PARTITIONS, perSecond, valueBytes: 200 }
      await java.startJournal(access, { ...writer, codec: 'lz4' })
    }
    for (const protocol of GROUPS)
      await java.startFollower(access, { name: protocol, topic: TOPIC, group: protocol, protocol, gap: GAP })
    await java.startFollower(access, { name: 'assigned', topic: TOPIC, gap: GAP })
    await awaitProgress(java, front, { what: 'before the switch', records: 20 })
  })

  test('holds in every phase and keeps the connections', async () => {
    await using cluster = await Cluster.connect(there.config)
    await warm(cluster)
    const nothing = { owedAnswers: 0, owedTo: [], openTransactions: [], membersNotYielded: [] }
    const missing = await route.enter('yielding', { deadlineMs: 30_000 })
    assert.deepEqual(missing.membersNotYielded, [])
    await route.enter('handing-over', { deadlineMs: 5_000 })
    assert.deepEqual(await route.enter('fenced', { deadlineMs: 30_000 }), nothing)
    await awaitInStep(java, { source: here, destination: there, topic: TOPIC })
    assert.equal((await route.enter('frozen', { deadlineMs: 30_000 })).owedAnswers, 0)
    await link.stop()
    await copyPositions(here, there)
    assert.equal((await route.enter('parked', { deadlineMs: 10_000 })).owedAnswers, 0)
    const before = route.status().connections
    const { kept, closed } = await route.swap('there')
    assert.deepEqual([kept, closed], [before, 0], log.join('\n'))
  })

  test('everybody goes on at the other cluster', async () => {
    await awaitProgress(java, front, { what: 'after the switch', records: 20 })
    for (const kind of WRITERS) parts[kind] = await java.stopJournal(kind)
    const end = Object.values(await java.ranges(there.access, TOPIC)).reduce((sum, [, to]) => sum + to, 0)
    assert.ok(end > 0)
    for (const name of [...GROUPS, 'assigned']) followers[name] = await java.stopFollower(name)
  })

  test('what was acknowledged is there, once, at its offset and in its order', async () => {
    const seen = await java.scan(there.access, TOPIC)
    for (const kind of WRITERS) {
      const { outcomes, offsets } = parts[kind]!
      const mine = seen.filter(({ writer }) => writer === kind)
      assertOnceInOrder(kind, mine)
      const byId = new Map(mine.map((record) => [record.id, record]))
      for (const [id, outcome] of [...outcomes].entries()) {
        if (outcome === 'a') assert.equal(byId.get(id)?.offset, offsets[id], `${kind} ${id}`)
        // A transaction that the switch cuts in two is aborted, which its client may hear of when it commits.
        else assert.ok(!byId.has(id), `${kind} ${id} has outcome ${outcome} and is there`)
        if (kind !== 'transactional') assert.equal(outcome, 'a', `${kind} ${id}`)
      }
    }
  })

  test('no reader got a record twice, missed one or saw an error', () => {
    for (const [name, { read: count, again, passedOver, errors }] of Object.entries(followers)) {
      assert.ok(count > 0)
      assert.deepEqual({ name, again, passedOver, errors }, { name, again: 0, passedOver: 0, errors: [] })
    }
  })
})
