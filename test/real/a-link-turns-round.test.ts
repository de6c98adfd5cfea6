import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { isReleased } from '../../src/link/mirrors/life.ts'
import { adopt } from '../../src/link/turn/adopt.ts'
import { settleReleased } from '../../src/link/turn/after-release.ts'
import { endedAt } from '../../src/link/turn/ended-at.ts'
import { fenceWriter } from '../../src/link/turn/fence-writer.ts'
import { releaseAll } from '../../src/link/turn/release-all.ts'
import { restLink } from '../../src/link/turn/rest.ts'
import { reverseLink } from '../../src/link/turn/reverse.ts'
import { openSide } from '../../src/link/turn/side.ts'
import { turn } from '../../src/link/turn/turn.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords } from '../harness/records.ts'
import { numbered } from '../harness/workloads.ts'

/** A link runs the other way round without a record copied twice: what was let go comes back at the same offsets. */

const { clusters, stop } = await startClusters({ seoul: { kafka: NEWEST }, virginia: { kafka: NEWEST } })
const java = await JavaClient.start()
const { seoul, virginia } = clusters
const spec = linkSpec('dr', seoul, virginia)
const TOPICS = ['orders', 'payments', 'stamped'] as const
let link: TestLink

type Way = { readonly source: typeof seoul; readonly destination: typeof seoul }
const there: Way = { source: seoul, destination: virginia }
const back: Way = { source: virginia, destination: seoul }

before(async () => {
  await java.createTopics(seoul.access, [
    { name: 'orders', partitions: 2 },
    { name: 'payments', partitions: 1 },
    { name: 'stamped', partitions: 1, configs: { 'message.timestamp.type': 'LogAppendTime' } },
  ])
  await write(seoul, 'first')
  link = await TestLink.start(spec)
  await allSame(there)
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

/** Plain records, and transactions of which one is given up. */
async function write(cluster: typeof seoul, name: string): Promise<void> {
  await java.produce(cluster.access, 'orders', numbered(name, 40, 2))
  await java.produce(cluster.access, 'stamped', numbered(name, 10))
  const producer = `${name}-${cluster.access.name}`
  await java.open(cluster.access, producer, { transactionalId: producer })
  for (const step of ['commit', 'abort', 'commit'] as const) {
    await java.transaction(producer, 'begin')
    await java.send(producer, 'payments', numbered(`${name}-${step}`, 7))
    await java.transaction(producer, step)
  }
  await java.closeProducer(producer)
}

async function allSame(way: Way): Promise<void> {
  for (const topic of TOPICS) await same(way, topic)
}

/** What readers of committed records get: the cluster that was written to first keeps what was given up there. */
async function same({ source, destination }: Way, topic: string): Promise<void> {
  await awaitInStep(java, { source, destination, topic })
  const [from, to] = [await java.read(source.access, topic), await java.read(destination.access, topic)]
  assertSameRecords(topic, from, to, { timestampTypes: false })
}

function reverse() {
  const signal = AbortSignal.timeout(120_000)
  return reverseLink(spec, { timeoutMs: 90_000, signal, onProgress() {} })
}

async function startAgain(): Promise<void> {
  await link.stop()
  link = await TestLink.start(spec)
}

describe('a link that is turned', () => {
  test('carries what is written on the other side to the same offsets, there and back', async () => {
    for (const [way, name] of [
      [back, 'second'],
      [there, 'third'],
    ] as const) {
      const turned = await reverse()
      assert.deepEqual([turned.from, turned.to], [way.source.access.name, way.destination.access.name])
      assert.deepEqual(turned.topics.map(({ topic }) => topic).sort(), [...TOPICS].sort())
      assert.deepEqual(
        turned.topics.flatMap(({ stranded }) => stranded),
        [],
      )
      assert.equal((await link.ended).why, 'turned')
      await startAgain()
      await write(way.source, name)
      await allSame(way)
      const { from, to, mirrors } = link.status()
      assert.deepEqual([from, to], [turned.from, turned.to])
      assert.deepEqual(
        mirrors.map(({ fault }) => fault),
        mirrors.map(() => null),
      )
    }
  })

  test('one whose old source went on being written to names what is stranded, and the rest goes on', async () => {
    await using cluster = await Cluster.connect(virginia.config)
    const side = await openSide(cluster)
    assert.ok(await restLink(side.store, 'dr', { timeoutMs: 30_000 }))
    const by = { user: 'test', host: 'here' }
    const released = await releaseAll(side, 'dr', { id: 'x', verb: 'failover', by, sourceEnds: () => [] })
    assert.equal(released.length, TOPICS.length)
    assert.deepEqual(await settleReleased(side, 'dr', { id: 'x', verb: 'failover', by }, released), [])
    assert.equal(side.store.view.receipts('dr', 'orders').at(-1)?.verb, 'failover')
    assert.ok(side.store.view.mirrors('dr').every(({ state }) => isReleased(state)))
    // Nobody told the writers of one topic.
    await java.produce(seoul.access, 'orders', [{ ...numbered('lost', 1)[0]!, partition: 1 }])
    const [, end] = (await java.ranges(seoul.access, 'orders', 'read_uncommitted'))[1]!
    await using old = await Cluster.connect(seoul.config)
    const here = await openSide(old)
    const adopted = await adopt('dr', side, here)
    const stranded = adopted.flatMap((one) => one.stranded.map((range) => ({ topic: one.topic, ...range })))
    assert.deepEqual(stranded, [{ topic: 'orders', partition: 1, from: end - 1, to: end }])
    await turn('dr', side, here)
    await startAgain()
    const found = await link.awaitFault('STRANDED_RECORDS', 'orders')
    assert.match(found.message, new RegExp(`orders-1: offset ${end - 1} were? written here only`))
    await java.produce(virginia.access, 'payments', numbered('after', 5))
    await same(back, 'payments')
    // The stranded record stands where it stood.
    assert.deepEqual((await java.ranges(seoul.access, 'orders', 'read_uncommitted'))[1]![1], end)
  })
})

test('a link that was ended as a writer is refused by the brokers, whatever of it comes late', async () => {
  await using cluster = await Cluster.connect(seoul.config)
  const side = await openSide(cluster)
  const record = side.store.view.link('dr')!
  const generation = side.store.view.lease('dr')!.generation
  await link.stop()
  const at = { topic: 'payments', partition: 0 }
  assert.ok(await fenceWriter(side, record, generation, [at]))
  const [, end] = (await java.ranges(seoul.access, 'payments', 'read_uncommitted'))[0]!
  const { producerId, producerEpoch } = record
  const ending = { producerId: producerId!, generation }
  // The marker alone; behind records of which nobody knew when it was sent; and none of such a generation.
  assert.equal(await endedAt(side, { ...at, from: end - 1, to: end }, ending), end - 1)
  assert.equal(await endedAt(side, { ...at, from: end - 4, to: end }, ending), end - 1)
  const later = { ...ending, generation: generation + 1 }
  assert.equal(await endedAt(side, { ...at, from: end - 4, to: end }, later), end)
  const node = side.port.leaderOf(at)!
  const [state] = await side.port.producers(node, [at])
  const own = state!.producers.find((one) => one.producerId === producerId)
  assert.ok(own !== undefined && own.producerEpoch > producerEpoch!)
  const late = buildBatch({
    ...{ producerId: producerId!, producerEpoch: producerEpoch!, baseSequence: 0 },
    records: [{ timestamp: Date.now(), key: null, value: Buffer.from('late') }],
  })
  const [answer] = await side.port.produce(node, 0, [{ ...at, batch: late }])
  assert.equal(answer!.errorCode, 47)
  assert.equal((await java.ranges(seoul.access, 'payments', 'read_uncommitted'))[0]![1], end)
})
