import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LinkStatus } from '../../src/link/status.ts'
import { verifyLink } from '../../src/link/verify/verify.ts'
import type { LinkWorker } from '../../src/link/worker/pack.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient, type Load } from '../harness/java/client.ts'
import {
  assertLoadArrived,
  assertSameOnBothSides,
  awaitInStep,
  linkSpec,
  startWorker,
} from '../harness/links.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** I1, I2, I3: whatever is killed, nothing is lost, nothing comes twice, nothing moves to another offset. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const spec = linkSpec('killed', source, destination)
const TOPIC = 'load'
const sides = { source, destination, topic: TOPIC }
/** Plain records at a rate of which each kill catches some, and transactions, which leave gaps to be filled. */
const load: Load = {
  name: 'load',
  topic: TOPIC,
  partitions: 4,
  plainPerSecond: 200,
  transactionsPerSecond: 5,
  valueBytes: 300,
  codec: 'lz4',
}
const WORKER_KILLS = 10
const BROKER_KILLS = 3

let worker: LinkWorker | null = null
after(async () => {
  await worker?.stop()
  await java.close()
  await stop()
})

/** Starts a worker and waits until it has copied something itself. */
async function startCopying(): Promise<LinkWorker> {
  const started = startWorker(spec)
  worker = started.worker
  await awaitCopying(started.worker)
  return started.worker
}

async function awaitCopying(running: LinkWorker): Promise<LinkStatus> {
  const before = running.status?.counters.records ?? 0
  const copied = () => ((running.status?.counters.records ?? 0) > before ? running.status : null)
  return await waitUntil('the worker copies', copied, {
    withinMs: PATIENCE_MS,
    lastSeen: () => running.status,
  })
}

describe('kill -9 under load', () => {
  test(`of the worker, ${WORKER_KILLS} times`, async () => {
    await java.createTopics(source.access, [{ name: TOPIC, partitions: load.partitions }])
    await java.startLoad(source.access, load)
    for (let kill = 0; kill < WORKER_KILLS; kill++) {
      const running = await startCopying()
      // Different moments: while it reads its position, fills a gap, or has requests on their way.
      await sleep((kill * 97) % 400)
      const exited = new Promise((resolve) => running.onExit(resolve))
      running.kill('SIGKILL')
      await exited
    }
  })

  test(`of the destination's only broker, ${BROKER_KILLS} times, with one worker that goes on`, async () => {
    const running = await startCopying()
    for (let kill = 0; kill < BROKER_KILLS; kill++) {
      await sleep((kill * 131) % 400)
      await destination.killAndAwait()
      await awaitCopying(running)
    }
    assert.ok(running.status!.counters.recoveries > 0, 'partitions read their position again')
  })

  test('every acknowledged record is there once, at its own offset, and nothing else', async () => {
    await assertLoadArrived(java, sides, await java.stopLoad(load.name))
  })

  test('verify finds both sides equal, and the link has no fault', async () => {
    const report = await verifyLink(spec, {})
    assert.ok(report.equal, JSON.stringify(report.partitions))
    const isInStep = () => worker?.status?.lag.records === 0 && worker.status.fault === null
    await waitUntil('the link is in step', isInStep, {
      withinMs: PATIENCE_MS,
      lastSeen: () => worker?.status,
    })
  })
})

test('a worker that was paused and overtaken ends fenced and writes nothing', async () => {
  const first = worker!
  const ended = new Promise<{ code: number | null }>((resolve) => first.onExit(resolve))
  await java.startLoad(source.access, { ...load, name: 'again' })
  await awaitCopying(first)
  first.kill('SIGSTOP')
  const second = await startCopying()
  await sleep(1_000)
  first.kill('SIGCONT')
  assert.equal((await ended).code, 3)
  const { errors } = await java.stopLoad('again')
  assert.deepEqual(errors, [])
  await awaitInStep(java, sides)
  await assertSameOnBothSides(java, sides)
  assert.equal(second.status?.fault, null)
})
