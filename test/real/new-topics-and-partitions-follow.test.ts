import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StartPoint } from '../../src/link/spec.ts'
import type { Access } from '../harness/access.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient, type Ranges } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords, bytesOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** Which topics a link takes, under which name, from where on, and how fast it sees what is new. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
/** Long enough for the link to look for new topics several times. */
const SEVERAL_ROUNDS_MS = 5_000
const HISTORY = 'history'
const DAY_MS = 86_400_000
const links: TestLink[] = []

after(async () => {
  await Promise.all(links.map((link) => link.stop()))
  await java.close()
  await stop()
})

async function started(...words: Parameters<typeof linkSpec>): Promise<TestLink> {
  const link = await TestLink.start(linkSpec(...words))
  links.push(link)
  return link
}

describe('while the link runs', () => {
  const sidesOf = (topic: string) => ({ source, destination, topic, mirror: `copy.${topic}` })
  before(async () => {
    await java.createTopics(source.access, [
      { name: 'grows', partitions: 1 },
      { name: 'secret-salaries', partitions: 1 },
      { name: '__like-internal', partitions: 1 },
    ])
    for (const topic of ['grows', 'secret-salaries', '__like-internal']) {
      await java.produce(source.access, topic, numbered(topic, 50))
    }
    await started('following', source, destination, { prefix: 'copy.', topics: ['*', '!secret*'] })
    await awaitInStep(java, sidesOf('grows'))
  })

  test('a new topic follows with its records and settings', async () => {
    const configs = {
      'compression.type': 'zstd',
      'max.message.bytes': '20000000',
      'cleanup.policy': 'compact',
    }
    await java.createTopics(source.access, [{ name: 'fresh', partitions: 3, configs }])
    await java.produce(source.access, 'fresh', numbered('fresh', 60, 3))
    await awaitInStep(java, sidesOf('fresh'))
    assert.equal(await assertSameOnBothSides(java, sidesOf('fresh')), 60)
    const mirror = await java.describeTopic(destination.access, 'copy.fresh')
    for (const [name, value] of Object.entries(configs)) assert.equal(mirror.configs[name], value)
  })

  test('new partitions follow', async () => {
    await java.addPartitions(source.access, 'grows', 3)
    const records = numbered('grown', 40, 2).map((record) => ({ ...record, partition: record.partition + 1 }))
    await java.produce(source.access, 'grows', records)
    await awaitInStep(java, sidesOf('grows'))
    assert.equal(await assertSameOnBothSides(java, sidesOf('grows')), 90)
  })

  test('excluded and internal topics stay where they are', async () => {
    const topics = await java.topics(destination.access)
    assert.deepEqual(topics.filter((name) => name.startsWith('copy.')).sort(), ['copy.fresh', 'copy.grows'])
  })
})

describe('a mirror begins where it was told to', () => {
  /** Three days, 60 records each, on two partitions. */
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  before(async () => {
    await java.createTopics(source.access, [
      { name: HISTORY, partitions: 2, configs: { 'retention.ms': '-1' } },
    ])
    for (const daysAgo of [3, 2, 1]) {
      const records = numbered(`day-${daysAgo}`, 60, 2)
      const timestamp = today - daysAgo * DAY_MS
      await java.produce(
        source.access,
        HISTORY,
        records.map((record) => ({ ...record, timestamp })),
      )
    }
  })

  const cases: { name: string; start: StartPoint; expected: Ranges }[] = [
    { name: 'earliest', start: { at: 'earliest' }, expected: { 0: [0, 90], 1: [0, 90] } },
    { name: 'latest', start: { at: 'latest' }, expected: { 0: [90, 90], 1: [90, 90] } },
    {
      name: 'time',
      start: { at: 'time', timestampMs: today - 2.5 * DAY_MS },
      expected: { 0: [30, 90], 1: [30, 90] },
    },
    {
      name: 'offsets',
      start: { at: 'offsets', offsets: { [HISTORY]: [71, 0] } },
      expected: { 0: [71, 90], 1: [0, 90] },
    },
  ]
  for (const { name, start, expected } of cases) {
    test(name, async () => {
      const prefix = `from-${name}.`
      const link = await started(`from-${name}`, source, destination, { prefix, topics: [HISTORY], start })
      const mirror = prefix + HISTORY
      await awaitInStep(java, { source, destination, topic: HISTORY, mirror })
      assert.deepEqual(await java.ranges(destination.access, mirror), expected)
      const startOf = (partition: number) => expected[partition]![0]
      const wanted = (await java.read(source.access, HISTORY)).filter(
        ({ partition, offset }) => offset >= startOf(partition),
      )
      assertSameRecords(`from ${name}`, wanted, await java.read(destination.access, mirror))
      assert.equal(link.mirror(HISTORY)?.fault, null)
    })
  }

  test('what comes later has the offsets of the source in each of them', async () => {
    await java.produce(source.access, HISTORY, [{ partition: 0, value: bytesOf('later') }])
    for (const { name } of cases) {
      const mirror = `from-${name}.${HISTORY}`
      await awaitInStep(java, { source, destination, topic: HISTORY, mirror })
      const last = (await java.read(destination.access, mirror))
        .filter(({ partition }) => partition === 0)
        .at(-1)
      assert.deepEqual([last?.offset, last?.value], [90, bytesOf('later')])
    }
  })
})

test('a link in the other direction brings nothing back', async () => {
  await java.createTopics(destination.access, [{ name: 'native', partitions: 1 }])
  await java.produce(destination.access, 'native', numbered('native', 10))
  await started('returning', destination, source, { prefix: 'back.', topics: ['*', '!from-*'] })
  const back = { source: destination, destination: source, topic: 'native', mirror: 'back.native' }
  await awaitInStep(java, back)
  assert.equal(await assertSameOnBothSides(java, back), 10)
  // Long enough for both links to discover, were they to take each other's mirrors.
  await sleep(SEVERAL_ROUNDS_MS)
  const mirrors = async (access: Access, prefix: string) =>
    (await java.topics(access)).filter((name) => name.startsWith(prefix)).sort()
  assert.deepEqual(await mirrors(source.access, 'back.'), ['back.native'])
  assert.deepEqual(await mirrors(destination.access, 'copy.'), ['copy.fresh', 'copy.grows', 'copy.history'])
})

test('what the source deletes leaves the mirror as well', async () => {
  await java.deleteRecords(source.access, 'grows', { 0: 30 })
  // Log starts are followed every half minute.
  const isGone = async () => (await java.ranges(destination.access, 'copy.grows'))[0]![0] === 30
  await waitUntil('the mirror begins where the source does', isGone, { withinMs: PATIENCE_MS, everyMs: 500 })
})
