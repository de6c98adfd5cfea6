import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { LinkWorker } from '../../src/link/worker/pack.ts'
import { LinkPacks } from '../../src/link/worker/packs.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec } from '../harness/links.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** Links that share a worker process are as good as alone: one ends and starts by itself, a kill costs all a moment. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST },
  destination: { kafka: NEWEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const logs = temporaryDirectory('shared')
const packs = new LinkPacks({ spread: 1 })
const names = ['one', 'two', 'three'] as const
type Name = (typeof names)[number]
const workers = new Map<Name, LinkWorker>()
after(async () => {
  await Promise.all([...workers.values()].map((worker) => worker.stop()))
  await java.close()
  await stop()
})

function start(name: Name): void {
  const spec = linkSpec(name, source, destination, { topics: [name], prefix: 'copy.' })
  workers.set(name, packs.spawn(spec, { logFile: join(logs, `${name}.log`), instance: 'shared' }))
}
const pids = () => new Set([...workers.values()].map(({ pid }) => pid))

/** Writes some records to the topic of each link and waits until its mirror has them. */
async function copyMore(links: readonly Name[]): Promise<void> {
  for (const name of links) await java.produce(source.access, name, numbered(name, 100, 2))
  for (const name of links) await awaitInStep(java, sidesOf(name))
}
const sidesOf = (topic: Name) => ({ source, destination, topic, mirror: `copy.${topic}` })

test('links in one process copy side by side', async () => {
  await java.createTopics(
    source.access,
    names.map((name) => ({ name, partitions: 2 })),
  )
  for (const name of names) start(name)
  assert.equal(pids().size, 1)
  await copyMore(names)
})

test('one is stopped and started again while the others go on, in the same process', async () => {
  await workers.get('one')!.stop()
  await copyMore(['two', 'three'])
  start('one')
  assert.equal(pids().size, 1)
  await copyMore(names)
})

test('kill -9 of the process: all are back without waiting for a session to end, and nothing is lost', async () => {
  const killed = [...workers.values()]
  const ends = killed.map((worker) => new Promise((resolve) => worker.onExit(resolve)))
  killed[0]!.kill('SIGKILL')
  await Promise.all(ends)
  for (const name of names) start(name)
  await copyMore(names)
  for (const name of names) await assertSameOnBothSides(java, sidesOf(name))
  const inStep = () => [...workers.values()].every(({ status }) => status?.state === 'active')
  await waitUntil('every link to be active', inStep, { withinMs: PATIENCE_MS })
  // Static membership: each took the place of the one before it, so nobody's session had to end first.
  assert.deepEqual(
    [...workers.values()].map(({ status }) => status!.workers.length),
    [1, 1, 1],
  )
})
