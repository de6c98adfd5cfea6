import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { warm } from '../../src/gateway/warm.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { assertOnceInOrder, awaitProgress, startRoute } from '../harness/gateways.ts'
import { JavaClient, type JournalPart } from '../harness/java/client.ts'
import { linkSpec, TestLink } from '../harness/links.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** The cluster that serves is killed under load: clients wait, go on at the mirror, and nothing stands there twice. */

const TOPIC = 'orders'
const PARTITIONS = 2
const WRITERS = ['plain', 'idempotent'] as const
/** What a reader had read of the lost tail comes again under the same offsets, with other records. */
const TAIL_MAX = 2_000

const { clusters, stop } = await startClusters({ here: { kafka: NEWEST }, there: { kafka: NEWEST } })
const java = await JavaClient.start()
const { here, there } = clusters
const front = await startRoute([here, there])
const { route, access, log } = front
const link = await TestLink.start(linkSpec('dr', here, there, { topics: [TOPIC], groups: ['!*'] }))

after(async () => {
  await Promise.all([route.stop(), link.stop()])
  await java.close()
  await stop()
})

describe('a crash of the cluster that serves', () => {
  const parts: Record<string, JournalPart> = {}

  before(async () => {
    await using cluster = await Cluster.connect(there.config)
    await warm(cluster)
    await java.createTopics(here.access, [{ name: TOPIC, partitions: PARTITIONS }])
    for (const kind of WRITERS) {
      const writer = {
        name: kind,
        kind,
        topic: TOPIC,
        partitions: PARTITIONS,
        perSecond: 200,
        valueBytes: 100,
      }
      await java.startJournal(access, { ...writer, codec: 'none' })
    }
    await java.startFollower(access, { name: 'reader', topic: TOPIC, gap: 0 })
    await waitUntil('the mirror is there', () => link.mirror(TOPIC)?.state === 'active', {
      withinMs: PATIENCE_MS,
    })
    await awaitProgress(java, front, { what: 'before the crash', records: 500 })
  })

  test('clients wait and go on at the other cluster', async () => {
    here.kill(here.brokers[0]!)
    await route.enter('parked', { deadlineMs: 5_000 })
    await link.stop()
    await route.swap('there')
    await awaitProgress(java, front, { what: 'after the crash', records: 500 })
    const { again, errors } = await java.stopFollower('reader')
    assert.deepEqual(errors, [])
    assert.ok(again < TAIL_MAX, `${again} offsets came again`)
    for (const kind of WRITERS) parts[kind] = await java.stopJournal(kind)
  })

  test('nothing stands there twice or out of order, and what is missing is the tail that was not mirrored', async (context) => {
    const seen = await java.scan(there.access, TOPIC)
    for (const kind of WRITERS) {
      const { outcomes, offsets } = parts[kind]!
      const mine = seen.filter(({ writer }) => writer === kind)
      // Without idempotence a retry may overtake.
      const inOrder =
        kind === 'idempotent' ? mine : mine.toSorted((a, b) => a.id - b.id || a.offset - b.offset)
      assertOnceInOrder(kind, inOrder)
      const byId = new Map(mine.map((record) => [record.id, record]))
      const lost = [...outcomes].flatMap((outcome, id) => (outcome === 'a' && !byId.has(id) ? [id] : []))
      for (const [id, { offset }] of byId) assert.equal(offset, offsets[id], `${kind} ${id} moved`)
      assert.ok(lost.length < TAIL_MAX, `${lost.length} of ${kind} are lost`)
      context.diagnostic(`${kind}: ${mine.length} there, ${lost.length} acknowledged and not mirrored`)
      context.diagnostic(log.find((line) => line.includes('on its way')) ?? 'nothing was on its way')
    }
  })
})
