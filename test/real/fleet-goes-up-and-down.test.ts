import assert from 'node:assert/strict'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { listTopics } from '../../src/client/admin/topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { initProducerId } from '../../src/client/producer-id.ts'
import type { Plan } from '../../src/fleet/plan/plan.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { VerifyReport } from '../../src/link/verify/report.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { kmc, kmcJson, kmcOk, nothingRuns } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

const directory = temporaryDirectory('fleet')
const file = join(directory, 'fleet.yaml')
const clusters = `fleet: shop
clusters:
  seoul: { region: kr, port: 20800 }
  virginia: { region: us, port: 20820 }
`
const links = 'links:\n  dr: { from: seoul, to: virginia }\n'
const SOON = { withinMs: PATIENCE_MS, everyMs: 300 }

before(() => writeFileSync(file, clusters + links))
after(async () => {
  await kmc(directory, 'down')
  await nothingRuns(directory)
})

async function status(): Promise<FleetStatus> {
  return await kmcJson<FleetStatus>(directory, 'status')
}

async function dr() {
  return (await status()).links.find(({ name }) => name === 'dr')!
}

async function withSeoul<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
  await using cluster = await Cluster.connect({ name: 'seoul', bootstrap: ['127.0.0.1:20800'] })
  return await work(cluster)
}

/** Writes records to partition 0 of a topic of the source. */
async function write(topic: string, count: number): Promise<void> {
  await withSeoul(async (cluster) => {
    const identity = await initProducerId(cluster)
    const value = (index: number) => ({ timestamp: Date.now(), key: null, value: Buffer.from(`v${index}`) })
    const batch = buildBatch({
      records: Array.from({ length: count }, (_, i) => value(i)),
      ...identity,
      baseSequence: 0,
    })
    const node = await cluster.leaderOf(topic, 0)
    const [answer] = await produceRaw(cluster, node, 'data', [{ topic, topicId: '', partition: 0, batch }])
    assert.equal(answer!.errorCode, 0)
  })
}

/** Offsets that the mirror of a topic holds; null as long as there is none. */
async function mirrored(topic: string): Promise<number | null> {
  const mirror = (await dr()).mirrors.find((one) => one.topic === topic)
  return mirror?.partitions.reduce((sum, { destinationEnd }) => sum + (destinationEnd ?? 0), 0) ?? null
}

test('a plan names what is to be done and writes nothing', async () => {
  const { code, stdout } = await kmc(directory, '-o', 'json', 'plan')
  assert.equal(code, 3)
  const { actions } = JSON.parse(stdout) as Plan
  assert.deepEqual(
    actions.map(({ action }) => action),
    ['create-cluster', 'create-cluster', 'create-link'],
  )
  assert.equal(existsSync(join(directory, '.kmc')), false)
  const idle = await status()
  assert.equal(idle.supervisor, null)
  assert.deepEqual(
    idle.clusters.map(({ state }) => state),
    ['stopped', 'stopped'],
  )
})

test('apply without a supervisor says how to get one', async () => {
  const { code, stderr } = await kmc(directory, 'apply')
  assert.equal(code, 1)
  assert.match(stderr, /\[FLEET_NOT_RUNNING\][\s\S]*kmc up/)
})

test('up --detach returns when clusters are ready and links active, and kmc plan is content', async () => {
  const printed = await kmcOk(directory, 'up', '--detach')
  assert.match(printed, /seoul .* ready[\s\S]*virginia .* ready[\s\S]*dr .* active/)
  const { supervisor, clusters: found } = await status()
  assert.equal(supervisor?.phase, 'running')
  assert.deepEqual(
    found.map(({ name, state, brokers }) => [name, state, brokers.length]),
    [
      ['seoul', 'ready', 1],
      ['virginia', 'ready', 1],
    ],
  )
  assert.equal((await kmc(directory, 'plan')).code, 0)
  const record = join(directory, '.kmc', 'run', 'supervisor.json')
  assert.equal(statSync(record).mode & 0o777, 0o600)
})

test('a second up names the process that runs the fleet', async () => {
  const pid = (await status()).supervisor!.pid
  for (const words of [['up'], ['up', '--detach']]) {
    const { code, stderr } = await kmc(directory, ...words)
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`process ${pid}.*\\[FLEET_ALREADY_RUNNING\\]`))
  }
})

test('records arrive, status counts them, and verify finds both sides equal', async () => {
  await withSeoul(async (cluster) => {
    for (const name of ['orders', 'stock'])
      unwrap((await createTopics(cluster, [{ name, partitions: 2 }]))[0]!)
  })
  await write('orders', 1_000)
  await waitUntil('a thousand records at virginia', async () => (await mirrored('orders')) === 1_000, SOON)
  const { lag, fault } = await waitUntil(
    'no lag on either topic',
    async () => {
      const link = await dr()
      return link.lag.records === 0 && link
    },
    SOON,
  )
  assert.deepEqual([lag.bytes, fault], [0, null])
  const report = await kmcJson<VerifyReport>(directory, 'verify', 'dr', '--topic', 'orders')
  assert.deepEqual([report.equal, report.records, report.partitions.length], [true, 1_000, 2])
})

test('a paused link copies nothing until it is resumed, whoever asks', async () => {
  assert.match(await kmcOk(directory, 'link', 'pause', 'dr'), /paused/)
  await waitUntil('dr to be paused', async () => (await dr()).state === 'paused', SOON)
  await write('orders', 500)
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  assert.equal(await mirrored('orders'), 1_000)
  assert.deepEqual(await kmcJson(directory, 'link', 'resume', 'dr'), {
    link: 'dr',
    desired: 'active',
    changed: true,
  })
  await waitUntil('the rest at virginia', async () => (await mirrored('orders')) === 1_500, SOON)
})

test('a link that still keeps mirrors is not deleted', async () => {
  const deleted = await kmc(directory, 'link', 'delete', 'dr', '--yes')
  assert.equal(deleted.code, 1)
  assert.match(deleted.stderr, /link dr still keeps 2 mirrors: orders, stock.*\[LINK_HAS_MIRRORS\]/)
  assert.match(deleted.stderr, /kmc mirror promote dr --all/)
  assert.deepEqual([(await dr()).state, (await mirrored('orders')) === 1_500], ['active', true])
})

test('a changed file is planned, saved and applied exactly; mirrors that leave stay as topics', async () => {
  writeFileSync(file, `${clusters}links:\n  dr: { from: seoul, to: virginia, topics: [orders] }\n`)
  const saved = join(directory, 'plan.json')
  assert.equal((await kmc(directory, 'plan', '--out', saved)).code, 3)
  const pid = (await dr()).worker!.pid
  await kmcOk(directory, 'apply', saved)
  const link = await waitUntil(
    'a new worker of dr',
    async () => {
      const now = await dr()
      return now.worker!.pid !== pid && now.state === 'active' && now.mirrors.length > 0 && now
    },
    SOON,
  )
  const names = link.mirrors.map(({ topic }) => topic)
  assert.deepEqual(names, ['orders'])
  const again = await kmc(directory, 'apply', saved)
  assert.equal(again.code, 1)
  assert.match(again.stderr, /\[PLAN_OUT_OF_DATE\]/)
  assert.match(await kmcOk(directory, 'apply'), /nothing to do/)
})

test('a link that leaves the file ends; its mirror stays and status still answers', async () => {
  writeFileSync(file, clusters)
  assert.match((await kmc(directory, 'plan')).stdout, /delete-link +dr/)
  await kmcOk(directory, 'apply')
  assert.deepEqual((await status()).links, [])
  await using virginia = await Cluster.connect({ name: 'virginia', bootstrap: ['127.0.0.1:20820'] })
  assert.ok((await listTopics(virginia)).some(({ name }) => name === 'orders'))
})

test('a link that comes back onto data is refused with choices, and resumes when that is chosen', async () => {
  writeFileSync(file, `${clusters}links:\n  dr: { from: seoul, to: virginia, topics: [orders] }\n`)
  const refused = await kmc(directory, 'apply')
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /\[PLAN_REFUSED\]/)
  assert.match((await kmc(directory, 'plan')).stdout, /kmc plan --resume dr\/orders/)
  await kmcOk(directory, 'apply', '--resume', 'dr/orders')
  await write('orders', 250)
  await waitUntil(
    'what was written since at virginia',
    async () => (await mirrored('orders')) === 1_750,
    SOON,
  )
  assert.equal((await kmcJson<VerifyReport>(directory, 'verify', 'dr')).equal, true)
})

test('down ends everything, data survive, and up goes on', async () => {
  await kmcOk(directory, 'down')
  await nothingRuns(directory)
  assert.equal((await status()).supervisor, null)
  assert.match(await kmcOk(directory, 'down'), /nothing was running/)
  await kmcOk(directory, 'up', '--detach')
  await waitUntil('the mirror to be read again', async () => (await mirrored('orders')) === 1_750, SOON)
})

test('down --delete-data asks first and then leaves nothing of the clusters', async () => {
  const asked = await kmc(directory, 'down', '--delete-data')
  assert.equal(asked.code, 1)
  assert.match(asked.stderr, /\[NOT_CONFIRMED\]/)
  assert.ok((await status()).supervisor !== null)
  await kmcOk(directory, 'down', '--delete-data', '--yes')
  await nothingRuns(directory)
  assert.equal(existsSync(join(directory, '.kmc')), false)
  assert.match(readFileSync(file, 'utf8'), /fleet: shop/)
})
