import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rememberedLink } from '../../src/link/intents/request.ts'
import type { RepairChoice } from '../../src/link/state/intents.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { repairAndCompare, repairMirror } from '../harness/mirrors.ts'
import { cutLog, damageBatch } from '../harness/segments.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** I6, I12: a source that lost its tail is found, also once it has grown again; a damaged batch never travels. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const spec = linkSpec('damage', source, destination)
const NAMES = ['cut', 'regrown', 'corrupt', 'sound'] as const
const inTwos = { flushEvery: 2 }
let link: TestLink | null = null

before(async () => {
  await java.createTopics(
    source.access,
    NAMES.map((name) => ({ name, partitions: 1 })),
  )
  for (const name of NAMES) await java.produce(source.access, name, numbered(name, 20), inTwos)
  link = await TestLink.start(spec)
  for (const topic of NAMES) await awaitInStep(java, { source, destination, topic })
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

const repair = (topic: string, choice: RepairChoice) => repairMirror(spec, topic, choice)

describe('the source loses its tail', () => {
  test('while the link works: the offsets that only the mirror has are named', async () => {
    await source.stop()
    cutLog(source, 'cut-0', 10)
    await source.start()
    await java.produce(source.access, 'cut', numbered('another life', 30), inTwos)
    const fault = await link!.awaitFault('SOURCE_TRUNCATED', 'cut')
    assert.match(fault.message, /^cut-0: /)
    assert.match(fault.message, /are on the mirror only|is not what was copied from there/)
    const ranges = await java.ranges(destination.access, 'cut')
    assert.equal(ranges[0]![1], 20, 'nothing was appended')
  })

  test('while no worker runs, and it has grown past the mirror since', async () => {
    await link!.stop()
    await java.produce(source.access, 'corrupt', numbered('fresh', 10), inTwos)
    await source.stop()
    cutLog(source, 'regrown-0', 10)
    damageBatch(source, 'corrupt-0', 24)
    await source.start()
    await java.produce(source.access, 'regrown', numbered('another life', 30), inTwos)
    link = await TestLink.start(spec)
    const fault = await link.awaitFault('SOURCE_TRUNCATED', 'regrown')
    // By the leader epochs, where they tell it, or by what stands there.
    const stories = [
      /regrown-0: offset 1[89] .+ is not what was copied/,
      /regrown-0: offsets 10 to 19 .+ mirror only/,
    ]
    assert.ok(
      stories.some((story) => story.test(fault.message)),
      fault.message,
    )
    const ranges = await java.ranges(destination.access, 'regrown')
    assert.equal(ranges[0]![1], 20, 'nothing was appended')
  })

  for (const topic of ['cut', 'regrown'] as const) {
    test(`resume finds it again, reseed brings the mirror back: ${topic}`, async () => {
      const early = await repair(topic, 'resume')
      assert.match(`${early.outcome} ${early.text}`, /refused the fault is still there/)
      await repairAndCompare(java, spec, { source, destination, topic }, 'reseed')
    })
  }
})

describe('a batch on the source broker is damaged', () => {
  test('it does not travel; everything before it does', async () => {
    const fault = await link!.awaitFault('CORRUPT_BATCH', 'corrupt')
    assert.match(fault.message, /offsets 24 to 25/)
    const isThere = async () => (await java.ranges(destination.access, 'corrupt'))[0]![1] === 24
    await waitUntil('what stands before it is copied', isThere, { withinMs: PATIENCE_MS })
  })

  test('accept-gap goes on behind it, with a receipt', async () => {
    const asked = await repair('corrupt', 'accept-gap')
    assert.equal(asked.outcome, 'done', asked.text)
    const isThere = async () => (await java.ranges(destination.access, 'corrupt'))[0]![1] === 30
    await waitUntil('what stands behind it is copied', isThere, { withinMs: PATIENCE_MS })
    const records = await java.read(destination.access, 'corrupt')
    const offsets = records.map(({ offset }) => Number(offset))
    assert.deepEqual(
      offsets,
      [...Array(30).keys()].filter((offset) => offset !== 24 && offset !== 25),
    )
    const [receipt] = (await rememberedLink(destination.config, spec.name)).receipts('corrupt')
    assert.deepEqual(receipt?.partitions, [{ partition: 0, from: 24, to: 26, sourceEnd: null }])
  })
})

test('the rest of the link went on all the time', async () => {
  await java.produce(source.access, 'sound', numbered('sound-2', 50))
  await awaitInStep(java, { source, destination, topic: 'sound' })
  await assertSameOnBothSides(java, { source, destination, topic: 'sound' })
})
