import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { KmcError } from '../../src/base/error.ts'
import { silentLog } from '../../src/base/log.ts'
import { Link } from '../../src/link/link.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords, bytesOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** I6: what cannot be mirrored exactly stands still with a fault that says why; everything else goes on. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
  stranger: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination, stranger } = clusters
const spec = linkSpec('faults', source, destination)
const NAMES = ['sound', 'taken', 'recreated', 'deleted', 'overtaken', 'invaded', 'removed'] as const
const COUNT = 40
let link: TestLink | null = null

before(async () => {
  await java.createTopics(
    source.access,
    NAMES.map((name) => ({ name, partitions: 2 })),
  )
  for (const name of NAMES) await java.produce(source.access, name, numbered(name, COUNT, 2))
  await java.createTopics(destination.access, [{ name: 'taken', partitions: 2 }])
  await java.produce(destination.access, 'taken', numbered('somebody-elses', 7))
  link = await TestLink.start(spec)
  for (const topic of NAMES) if (topic !== 'taken') await awaitInStep(java, { source, destination, topic })
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

/** The error with which a link does not start. */
async function refusal(...words: Parameters<typeof linkSpec>): Promise<KmcError> {
  try {
    const started = await Link.start(linkSpec(...words), { log: silentLog })
    await started.stop()
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    assert.ok((error.remedy ?? '') !== '', `${error.code} has a remedy`)
    return error
  }
  return assert.fail('the link started')
}

describe('a link that cannot be right does not start', () => {
  test('a link to itself', async () => {
    const error = await refusal('circle', source, source)
    assert.equal(error.code, 'LINK_TO_ITSELF')
    assert.equal(error.retriable, false)
  })

  test('another source cluster under a known name', async () => {
    const error = await refusal('faults', stranger, destination)
    assert.equal(error.code, 'LINK_SOURCE_CHANGED')
    assert.match(error.message, new RegExp(source.clusterId))
    assert.match(error.message, new RegExp(stranger.clusterId))
  })

  test('another cluster behind a known address', async () => {
    const config = { ...source.config, expectedClusterId: stranger.clusterId }
    const error = await refusal('other', source, destination, { source: config })
    assert.equal(error.code, 'CLUSTER_ID_CHANGED')
  })

  test('a cluster that is not there', async () => {
    const config = { ...source.config, bootstrap: ['127.0.0.1:21499'], connectTimeoutMs: 1_000 }
    const error = await refusal('gone', source, destination, { source: config })
    assert.match(`${error.code} ${error.message}`, /21499/)
  })
})

describe('trouble with one topic stays with that topic', () => {
  test('a topic of the destination that already holds records is never overwritten', async () => {
    const fault = await link!.awaitFault('MIRROR_NOT_EMPTY', 'taken')
    assert.equal(fault.evidence.mirror, 'taken')
    assert.match(fault.remedy, /prefix/)
    const records = await java.read(destination.access, 'taken')
    assert.equal(records.length, 7)
    assert.ok(records.every(({ value }) => value!.startsWith(bytesOf('somebody-else').slice(0, 12))))
  })

  test('the source topic is deleted and made again', async () => {
    const before = await java.read(destination.access, 'recreated')
    await java.deleteTopics(source.access, ['recreated'])
    await link!.awaitFault('SOURCE_TOPIC_DELETED', 'recreated')
    await java.createTopics(source.access, [{ name: 'recreated', partitions: 2 }])
    await java.produce(source.access, 'recreated', numbered('new life', 2 * COUNT, 2))
    const fault = await link!.awaitFault('SOURCE_TOPIC_RECREATED', 'recreated')
    assert.ok(fault.evidence.was !== fault.evidence.is, JSON.stringify(fault.evidence))
    assertSameRecords(
      'the mirror keeps what it has',
      before,
      await java.read(destination.access, 'recreated'),
    )
  })

  test('the mirror is deleted: it is made again from the start', async () => {
    const { id } = await java.describeTopic(destination.access, 'deleted')
    await java.deleteTopics(destination.access, ['deleted'])
    await awaitRemade('deleted', id)
    await assertSameOnBothSides(java, { source, destination, topic: 'deleted' })
  })

  test('somebody writes to the mirror', async () => {
    await java.produce(destination.access, 'invaded', [{ partition: 0, value: bytesOf('invader') }])
    await java.produce(source.access, 'invaded', numbered('more', 10, 2))
    const fault = await link!.awaitFault('DIVERGED', 'invaded')
    assert.deepEqual([fault.evidence.topic, fault.evidence.partition], ['invaded', 0])
    const sound = link!.mirror('invaded')!.partitions.find(({ partition }) => partition === 1)!
    assert.equal(sound.fault, null, 'the other partition goes on')
    await waitForPartition('invaded', 1)
  })

  test('the rest of the link goes on', async () => {
    await java.produce(source.access, 'sound', numbered('sound-2', 100, 2))
    await awaitInStep(java, { source, destination, topic: 'sound' })
    assert.equal(await assertSameOnBothSides(java, { source, destination, topic: 'sound' }), 100 + COUNT)
    assert.equal(link!.mirror('sound')?.fault, null)
  })
})

describe('what happened while no worker ran is found at the next start', () => {
  test('retention overtook the link: the lost offsets are named, none is skipped in silence', async () => {
    await link!.stop()
    await java.produce(source.access, 'overtaken', numbered('never seen', 60, 2))
    // Now the source ends behind the intruder: offsets alone would let a new worker go on.
    await java.produce(source.access, 'invaded', numbered('much more', 100, 2))
    await java.deleteRecords(source.access, 'overtaken', { 0: 45 })
    await java.deleteTopics(source.access, ['removed'])
    await java.createTopics(source.access, [{ name: 'removed', partitions: 2 }])
    link = await TestLink.start(spec)
    const fault = await link.awaitFault('RETENTION_OVERTOOK', 'overtaken')
    assert.match(JSON.stringify(fault.evidence), /\b45\b/)
    assert.match(JSON.stringify(fault.evidence), /\b20\b/)
    const [range] = Object.values(await java.ranges(destination.access, 'overtaken'))
    assert.equal(range![1], 20, 'the mirror stands where it stood')
    await waitForPartition('overtaken', 1)
  })

  test('the source topic was deleted and made again meanwhile', async () => {
    const fault = await link!.awaitFault('SOURCE_TOPIC_RECREATED', 'removed')
    assert.ok(fault.remedy !== '')
    assert.equal((await java.read(destination.access, 'removed')).length, COUNT)
  })

  test('a mirror that had diverged is not taken for sound because the source has grown since', async () => {
    const before = await java.ranges(destination.access, 'invaded')
    const fault = await link!.awaitFault('DIVERGED', 'invaded')
    assert.deepEqual([fault.evidence.partition, fault.evidence.expected], [0, COUNT / 2])
    assert.deepEqual((await java.ranges(destination.access, 'invaded'))[0], before[0])
  })

  test('faults that stand are found again', async () => {
    await link!.awaitFault('MIRROR_NOT_EMPTY', 'taken')
    await link!.awaitFault('SOURCE_TOPIC_RECREATED', 'recreated')
  })
})

describe('doing what the remedy says cures the fault', () => {
  const broken = ['taken', 'recreated', 'invaded', 'overtaken', 'removed']
  const ids = new Map<string, string>()
  before(async () => {
    for (const topic of broken) ids.set(topic, (await java.describeTopic(destination.access, topic)).id)
  })

  test('every remedy says that the mirror topic may be deleted', async () => {
    for (const topic of broken) assert.match(remedyOf(topic), /delete/i, topic)
    await java.deleteTopics(destination.access, broken)
  })

  for (const topic of broken) {
    test(`deleted, the mirror is made again: ${topic}`, async () => {
      await awaitRemade(topic, ids.get(topic)!)
      await assertSameOnBothSides(java, { source, destination, topic })
      const isSound = () => link!.mirror(topic)?.state === 'active'
      await waitUntil(`${topic} is sound`, isSound, {
        withinMs: PATIENCE_MS,
        lastSeen: () => link!.mirror(topic),
      })
    })
  }
})

function remedyOf(topic: string): string {
  const mirror = link!.mirror(topic)!
  return (mirror.fault ?? mirror.partitions.find(({ fault }) => fault !== null)?.fault)?.remedy ?? ''
}

/** Waits for another topic of that name on the destination, and until it has all that the source has. */
async function awaitRemade(topic: string, id: string): Promise<void> {
  const isAnother = async () => (await java.describeTopic(destination.access, topic)).id !== id
  await waitUntil(`${topic} is made again`, isAnother, {
    withinMs: PATIENCE_MS,
    lastSeen: () => link!.mirror(topic),
  })
  await awaitInStep(java, { source, destination, topic })
}

async function waitForPartition(topic: string, partition: number): Promise<void> {
  const end = async (cluster: typeof source) => (await java.ranges(cluster.access, topic))[partition]![1]
  const isThere = async () => (await end(source)) === (await end(destination))
  await waitUntil(`${topic}-${partition} in step`, isThere, { withinMs: PATIENCE_MS })
}
