import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LinkSpec } from '../../src/link/spec.ts'
import { verifyLink } from '../../src/link/verify/verify.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { consoleTools } from '../harness/drivers/kafka-tools.ts'
import { kafkajs } from '../harness/drivers/kafkajs.ts'
import { kcat } from '../harness/drivers/kcat.ts'
import { platformatic } from '../harness/drivers/platformatic.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords } from '../harness/records.ts'
import { numbered, workloads } from '../harness/workloads.ts'
import { need } from '../kit/need.ts'

/** The heart of the promise: what foreign clients read on both sides is the same, offset by offset. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST },
  other: { kafka: NEWEST },
  oldest: { kafka: OLDEST },
})
const java = await JavaClient.start()
const noKcat = await need('kcat')
const { newest, other, oldest } = clusters

type Pair = { readonly source: TestCluster; readonly destination: TestCluster; readonly prefix: string }

/** The oldest is a source and a destination, so mirrors that it holds are left out where it is the source. */
const pairs: readonly Pair[] = [
  { source: newest, destination: other, prefix: '' },
  { source: oldest, destination: other, prefix: 'oldest.' },
  { source: newest, destination: oldest, prefix: 'newest.' },
]
const nameOf = ({ source, destination }: Pair) => `${source.name} → ${destination.name}`
const specOf = ({ source, destination, prefix }: Pair): LinkSpec =>
  linkSpec(`${source.name}-${destination.name}`, source, destination, { prefix, topics: ['*', '!newest.*'] })

const links: TestLink[] = []
const unfinished = (source: TestCluster) => `unfinished-${source.name}`

before(async () => {
  const filling = [newest, oldest].map((source) =>
    Promise.all([...workloads.map(({ fill }) => fill(java, source.access)), openTransaction(source)]),
  )
  await Promise.all(filling)
  for (const pair of pairs) links.push(await TestLink.start(specOf(pair)))
})

after(async () => {
  await Promise.all(links.map((link) => link.stop()))
  await java.close()
  await stop()
})

/** Left open while the links start; a plain record stands behind it. */
async function openTransaction(source: TestCluster): Promise<void> {
  const name = unfinished(source)
  await java.createTopics(source.access, [{ name: 'unfinished', partitions: 1 }])
  await java.produce(source.access, 'unfinished', numbered('before', 10))
  await java.open(source.access, name, { transactionalId: name })
  await java.transaction(name, 'begin')
  await java.send(name, 'unfinished', numbered('within', 5))
  await java.produce(source.access, 'unfinished', numbered('behind', 5))
}

for (const [index, pair] of pairs.entries()) {
  describe(`${nameOf(pair)}: the same records at the same offsets`, () => {
    const sidesOf = (topic: string) => ({ ...pair, topic, mirror: pair.prefix + topic })

    for (const { topic, promise } of workloads) {
      test(promise, async () => {
        await awaitInStep(java, sidesOf(topic))
        // The type of a mirror must be CreateTime, or the destination would stamp the records anew.
        const options = { timestampTypes: topic !== 'append-time' }
        assert.ok((await assertSameOnBothSides(java, sidesOf(topic), options)) > 0)
      })
    }

    test('holes of the source are holes of the mirror', async () => {
      const records = await java.read(pair.destination.access, `${pair.prefix}compacted`)
      const { 0: range } = await java.ranges(pair.destination.access, `${pair.prefix}compacted`)
      assert.ok(records.length < range![1] / 2, `${records.length} records in ${range![1]} offsets`)
    })

    test('nothing of an open transaction, or behind it, before it ends', async () => {
      const range = await awaitInStep(java, sidesOf('unfinished'))
      assert.equal(range[0]![1], 10)
      assert.equal((await java.read(pair.destination.access, `${pair.prefix}unfinished`)).length, 10)
    })

    test('the link has no fault and says that it is in step', async () => {
      const status = links[index]!.status()
      assert.equal(status.fault, null)
      assert.deepEqual(
        status.mirrors
          .filter(({ state }) => state !== 'active')
          .map(({ topic, fault }) => ({ topic, fault })),
        [],
      )
    })
  })
}

describe('after the open transaction has ended', () => {
  before(async () => {
    await java.transaction(unfinished(newest), 'commit')
    await java.transaction(unfinished(oldest), 'abort')
  })
  for (const pair of pairs) {
    test(`${nameOf(pair)}: what was decided arrives`, async () => {
      const sides = { ...pair, topic: 'unfinished', mirror: `${pair.prefix}unfinished` }
      await awaitInStep(java, sides)
      assert.equal(await assertSameOnBothSides(java, sides), pair.source === newest ? 20 : 15)
    })

    test(`${nameOf(pair)}: verify finds both sides equal`, async () => {
      const report = await verifyLink(specOf(pair), {})
      const different = report.partitions.filter(({ equal }) => !equal)
      assert.deepEqual(different, [])
      assert.ok(report.equal && report.records > 3_000, `${report.records} records`)
    })
  }
})

describe('other clients see the same on both sides', () => {
  test('kcat', { skip: noKcat }, async () => {
    for (const topic of ['plain', 'transactions', 'compacted', 'late-start']) await assertAlike(kcat, topic)
  })
  test('kafkajs', () => assertAlike(kafkajs, 'transactions'))
  test('@platformatic/kafka', () => assertAlike(platformatic, 'every-codec'))
  test('@platformatic/kafka, which shows some aborted records of the source, shows none of the mirror', async () => {
    const expected = await java.read(newest.access, 'transactions')
    const seen = await platformatic.read(other.access, 'transactions', { atLeast: expected.length })
    assertSameRecords('transactions', expected, seen)
  })
  test(`kafka-console-consumer ${OLDEST}`, async () => {
    const expected = await java.read(newest.access, 'transactions')
    const atLeast = expected.length
    const seen = await consoleTools(OLDEST).read(oldest.access, 'newest.transactions', { atLeast })
    assertSameRecords('transactions', expected, seen)
  })

  async function assertAlike(reader: typeof kcat, topic: string): Promise<void> {
    const expected = await java.read(newest.access, topic)
    const atLeast = expected.length
    const there = await reader.read(newest.access, topic, { atLeast })
    const here = await reader.read(other.access, topic, { atLeast })
    assertSameRecords(`${topic} by ${reader.name}`, there, here)
    assertSameRecords(`${topic} by ${reader.name} and Kafka's Java client`, expected, here)
  }
})
