import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { verifyLink } from '../../src/link/verify/verify.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient, type Load } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { workloads } from '../harness/workloads.ts'

/** A destination with three copies of everything, two of which must be written: leaders die and move, offsets stay. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  three: { kafka: NEWEST, brokers: 3 },
})
const java = await JavaClient.start()
const { source, three } = clusters
const spec = linkSpec('copies', source, three)
const load: Load = {
  name: 'load',
  topic: 'load',
  partitions: 3,
  plainPerSecond: 150,
  transactionsPerSecond: 4,
  valueBytes: 300,
  codec: 'zstd',
}
let link: TestLink | null = null
after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

test('the same records at the same offsets, in three copies', async () => {
  const chosen = workloads.filter(({ topic }) => ['every-codec', 'transactions', 'compacted'].includes(topic))
  await Promise.all(chosen.map(({ fill }) => fill(java, source.access)))
  await java.createTopics(source.access, [{ name: load.topic, partitions: load.partitions }])
  link = await TestLink.start(spec)
  for (const { topic } of chosen) {
    await awaitInStep(java, { source, destination: three, topic })
    assert.ok((await assertSameOnBothSides(java, { source, destination: three, topic })) > 0)
  }
})

test('each broker is killed with -9 in turn under load: no loss, no duplicate, no shift', async () => {
  await java.startLoad(source.access, load)
  for (const broker of three.brokers) {
    await awaitGrowth()
    await three.killAndAwait(broker)
  }
  await awaitGrowth()
  const { plain, committed, errors } = await java.stopLoad(load.name)
  assert.deepEqual(errors, [])
  const sides = { source, destination: three, topic: load.topic }
  await awaitInStep(java, sides)
  assert.equal(await assertSameOnBothSides(java, sides), plain + committed)
  assert.ok((await verifyLink(spec, {})).equal)
})

/** Every partition goes on after a kill: its new leader takes records. */
async function awaitGrowth(): Promise<void> {
  const ends = async () => Object.values(await java.ranges(three.access, load.topic)).map(([, end]) => end)
  let before: number[] = []
  let now: number[] = []
  const hasGrown = async () => {
    if (before.length === 0) before = await ends()
    now = await ends()
    return now.length === load.partitions && now.every((end, partition) => end > before[partition]!)
  }
  await waitUntil('all partitions grow', hasGrown, {
    withinMs: PATIENCE_MS,
    lastSeen: () => ({ before, now }),
  })
}
