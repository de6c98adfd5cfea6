import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { KmcError } from '../../src/base/error.ts'
import { type Asked, askOfMirrors, rememberedLink } from '../../src/link/intents/request.ts'
import type { Verb } from '../../src/link/mirrors/life.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { bytesOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** Promotion waits until nothing is missing; afterwards the topic is its own, whoever starts or deletes links. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const spec = linkSpec('dr', source, destination)
const NAMES = ['orders', 'busy', 'paused', 'abandoned', 'stays'] as const
let link: TestLink | null = null

before(async () => {
  const configs = { 'retention.ms': '86400000' }
  await java.createTopics(
    source.access,
    NAMES.map((name) => ({ name, partitions: 2, configs })),
  )
  for (const name of NAMES) await java.produce(source.access, name, numbered(name, 40, 2))
  await java.commitPositions(source.access, 'billing', 'orders', { 0: 7, 1: 9 })
  link = await TestLink.start(spec)
  for (const topic of NAMES) await awaitInStep(java, { source, destination, topic })
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

type Told = { readonly asked: Asked; readonly seen: readonly string[] }

async function ask(topic: string, verb: Verb, timeoutMs = 60_000): Promise<Told> {
  const seen: string[] = []
  const signal = AbortSignal.timeout(90_000)
  const onProgress = ([one]: readonly Asked[]) => void seen.push(one!.text)
  const wishes = [{ topic, wish: { verb } }]
  const [asked] = await askOfMirrors(destination.config, spec.name, wishes, { timeoutMs, signal, onProgress })
  return { asked: asked!, seen }
}

async function refusal(topic: string, verb: Verb): Promise<string> {
  try {
    const { asked } = await ask(topic, verb)
    assert.equal(asked.outcome, 'refused', asked.text)
    return asked.text
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    assert.equal(error.code, 'MIRROR_VERB_REFUSED')
    return error.message
  }
}

async function endOf(cluster: typeof source, topic: string): Promise<unknown> {
  return await java.ranges(cluster.access, topic, 'read_uncommitted')
}

describe('pause and resume', () => {
  test('a paused mirror stands still while the others go on, and goes on where it stood', async () => {
    assert.equal((await ask('paused', 'pause')).asked.outcome, 'done')
    const before = await endOf(destination, 'paused')
    await java.produce(source.access, 'paused', numbered('later', 20, 2))
    await java.produce(source.access, 'stays', numbered('later', 20, 2))
    await awaitInStep(java, { source, destination, topic: 'stays' })
    assert.deepEqual(await endOf(destination, 'paused'), before)
    assert.equal(link!.mirror('paused')?.state, 'paused')
    assert.match(await refusal('paused', 'promote'), /is paused/)
    assert.equal((await ask('paused', 'resume')).asked.outcome, 'done')
    await awaitInStep(java, { source, destination, topic: 'paused' })
    await assertSameOnBothSides(java, { source, destination, topic: 'paused' })
  })

  test('a pause outlives the worker', async () => {
    await ask('paused', 'pause')
    await link!.stop()
    await java.produce(source.access, 'paused', numbered('meanwhile', 20, 2))
    const before = await endOf(destination, 'paused')
    link = await TestLink.start(spec)
    await java.produce(source.access, 'stays', numbered('meanwhile', 20, 2))
    await awaitInStep(java, { source, destination, topic: 'stays' })
    assert.deepEqual(await endOf(destination, 'paused'), before)
    const lag = () => link!.mirror('paused')?.lag
    const isMeasured = () => lag()?.records === 20
    await waitUntil('its lag is known', isMeasured, { withinMs: PATIENCE_MS, lastSeen: lag })
    assert.equal((await ask('paused', 'resume')).asked.outcome, 'done')
    await awaitInStep(java, { source, destination, topic: 'paused' })
  })
})

describe('promotion', () => {
  test('it waits as long as the source is written to, and says so', async () => {
    const promise = ask('busy', 'promote')
    for (let round = 0; round < 8; round++) {
      await java.produce(source.access, 'busy', numbered(`round-${round}`, 6, 2))
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
    const { asked, seen } = await promise
    assert.equal(asked.outcome, 'done', asked.text)
    assert.ok(
      seen.some((text) => /still being written to/.test(text)),
      seen.join('; '),
    )
    await assertSameOnBothSides(java, { source, destination, topic: 'busy' })
  })

  test('a promoted mirror has every record, the positions of groups, its own settings, and a receipt', async () => {
    const { asked } = await ask('orders', 'promote')
    assert.equal(asked.outcome, 'done', asked.text)
    const positions = await java.positions(destination.access, 'billing')
    assert.deepEqual([positions['orders-0']?.offset, positions['orders-1']?.offset], [7, 9])
    await assertSameOnBothSides(java, { source, destination, topic: 'orders' })
    const { configs } = await java.describeTopic(destination.access, 'orders')
    assert.equal(configs['retention.ms'], '86400000')
    assert.equal(configs['message.timestamp.before.max.ms'], undefined)
    const { receipts, mirrors } = await rememberedLink(destination.config, spec.name)
    const [receipt] = receipts('orders')
    assert.deepEqual(
      receipt?.partitions.map(({ to }) => to),
      [20, 20],
    )
    assert.deepEqual(mirrors.find(({ topic }) => topic === 'orders')?.promotedAt, [20, 20])
  })

  test('said twice it is done; other verbs are refused with the reason', async () => {
    assert.equal((await ask('orders', 'promote')).asked.outcome, 'done')
    assert.match(await refusal('orders', 'pause'), /was promoted/)
    assert.match(await refusal('orders', 'resume'), /was promoted/)
  })

  test('nothing is copied into it any more, over restarts too', async () => {
    await java.produce(destination.access, 'orders', [{ partition: 0, value: bytesOf('a new life') }])
    await java.produce(source.access, 'orders', numbered('left behind', 20, 2))
    await java.produce(source.access, 'stays', numbered('on', 20, 2))
    await awaitInStep(java, { source, destination, topic: 'stays' })
    await link!.stop()
    link = await TestLink.start(spec)
    await java.produce(source.access, 'stays', numbered('and on', 20, 2))
    await awaitInStep(java, { source, destination, topic: 'stays' })
    const ranges = await java.ranges(destination.access, 'orders')
    assert.deepEqual([ranges[0]![1], ranges[1]![1]], [21, 20])
    assert.equal(link.mirror('orders')?.state, 'promoted')
    assert.equal(link.mirror('orders')?.fault, null)
  })
})

describe('failover', () => {
  test('it ends a mirror at once, with the source gone, and says what was missing as last seen', async () => {
    await source.stop()
    const { asked } = await ask('abandoned', 'failover')
    assert.equal(asked.outcome, 'done', asked.text)
    assert.match(asked.text, /^abandoned was failed over at 20, 20: /)
    assert.equal(link!.mirror('abandoned')?.state, 'failed-over')
    await java.produce(destination.access, 'abandoned', [{ partition: 0, value: bytesOf('on its own') }])
  })

  test('without any worker it is done all the same', async () => {
    await link!.stop()
    link = null
    const { asked } = await ask('paused', 'failover')
    assert.equal(asked.outcome, 'done', asked.text)
    const record = (await rememberedLink(destination.config, spec.name)).mirrors
    assert.equal(record.find(({ topic }) => topic === 'paused')?.state, 'failed-over')
    const { configs } = await java.describeTopic(destination.access, 'paused')
    assert.equal(configs['retention.ms'], '86400000')
  })
})

test('two links that claim one mirror: the second is refused with the name of the first', async () => {
  await source.start()
  link = await TestLink.start(spec)
  await awaitInStep(java, { source, destination, topic: 'stays' })
  const second = await TestLink.start(linkSpec('other', source, destination, { topics: ['stays', 'orders'] }))
  try {
    const fault = await second.awaitFault('MIRROR_CLAIMED', 'stays')
    assert.match(fault.message, new RegExp(`stays is kept by link dr .*${source.clusterId}`))
    const own = await second.awaitFault('MIRROR_CLAIMED', 'orders')
    assert.match(own.message, /orders is a topic of its own/)
  } finally {
    await second.stop()
  }
  await waitUntil('the first goes on', () => link!.mirror('stays')?.state === 'active', {
    withinMs: PATIENCE_MS,
  })
})
