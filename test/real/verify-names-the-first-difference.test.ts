import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { verifyLink } from '../../src/link/verify/verify.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { kcat } from '../harness/drivers/kcat.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { bytesOf } from '../harness/records.ts'
import { numbered, workloads } from '../harness/workloads.ts'

/** A check that never finds anything would prove nothing: here differences are planted, and must be named. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const spec = linkSpec('verified', source, destination)
const NOW = Date.now()
let link: TestLink | null = null
after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

test('equal while the link runs and records keep coming', async () => {
  for (const { topic, fill } of workloads) {
    if (['plain', 'transactions', 'every-codec', 'compacted'].includes(topic)) await fill(java, source.access)
  }
  await java.createTopics(source.access, [{ name: 'altered', partitions: 2 }])
  await java.createTopics(source.access, [{ name: 'extended', partitions: 1 }])
  for (const topic of ['altered', 'extended']) await java.produce(source.access, topic, numbered(topic, 50))
  link = await TestLink.start(spec)
  for (const topic of ['plain', 'transactions', 'every-codec', 'compacted', 'altered', 'extended']) {
    await awaitInStep(java, { source, destination, topic })
  }
  const load = { partitions: 4, plainPerSecond: 400, transactionsPerSecond: 10, valueBytes: 200 }
  await java.startLoad(source.access, { ...load, name: 'verify', topic: 'plain', codec: 'gzip' })
  const report = await verifyLink(spec, {})
  await java.stopLoad('verify')
  assert.deepEqual(
    report.partitions.filter(({ equal }) => !equal),
    [],
  )
  assert.ok(report.equal)
  const compared = new Map(report.partitions.map(({ topic, compared }) => [topic, compared]))
  assert.equal(compared.get('compacted'), 'latest')
  assert.equal(compared.get('plain'), 'records')
  assert.equal(report.partitions.filter(({ topic }) => topic === 'plain').length, 4)
})

test('other bytes at an offset: unequal, with that offset, and only there', async () => {
  await link!.stop()
  link = null
  const same = { partition: 1, timestamp: NOW, key: bytesOf('k') }
  await java.produce(source.access, 'altered', [{ ...same, value: bytesOf('the truth') }])
  await java.produce(destination.access, 'altered', [{ ...same, value: bytesOf('a forgery') }])
  const report = await verifyLink(spec, {})
  assert.equal(report.equal, false)
  const wrong = report.partitions.filter(({ equal }) => !equal)
  assert.deepEqual(
    wrong.map(({ topic, partition, firstDifference, problem }) => ({
      topic,
      partition,
      firstDifference,
      problem,
    })),
    [{ topic: 'altered', partition: 1, firstDifference: 0, problem: null }],
  )
  assert.notEqual(wrong[0]!.sourceDigest, wrong[0]!.mirrorDigest)
})

test('another timestamp or another header alone is a difference', async () => {
  const record = { partition: 0, timestamp: NOW, key: bytesOf('k'), value: bytesOf('v') }
  await java.createTopics(source.access, [{ name: 'subtle', partitions: 2 }])
  link = await TestLink.start(spec)
  await awaitInStep(java, { source, destination, topic: 'subtle' })
  await link.stop()
  link = null
  await java.produce(source.access, 'subtle', [record, { ...record, partition: 1 }])
  await java.produce(destination.access, 'subtle', [
    { ...record, timestamp: record.timestamp + 1 },
    { ...record, partition: 1, headers: [['h', bytesOf('x')]] },
  ])
  const { equal, partitions } = await verifyLink(spec, { topics: ['subtle'] })
  assert.equal(equal, false)
  assert.deepEqual(
    partitions.map(({ firstDifference }) => firstDifference),
    [0, 0],
  )
})

test('a record too many at the end of the mirror: unequal, from its offset on', async () => {
  await kcat.write(destination.access, 'extended', [{ partition: 0, value: bytesOf('stowaway') }], 'none')
  const { equal, partitions } = await verifyLink(spec, { topics: ['extended'] })
  assert.equal(equal, false)
  assert.deepEqual(
    partitions.map(({ firstDifference }) => firstDifference),
    [50],
  )
})
