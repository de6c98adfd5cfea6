import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { usageOf } from '../../bench/link/meter.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { fetchRaw } from '../../src/client/fetch.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { LEASE_MS } from '../../src/failover/keeper/lease.ts'
import type { GatewayRecord } from '../../src/failover/state/records.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
import { encodeRequestFrame } from '../../src/wire/api.ts'
import { Fetch } from '../../src/wire/apis/001-fetch.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { iterateBatches, lastOffset } from '../../src/wire/batch/header.ts'
import type { Access } from '../harness/access.ts'
import { BASE_PORT } from '../harness/clusters.ts'
import { assertOnceInOrder } from '../harness/gateways.ts'
import { JavaClient } from '../harness/java/client.ts'
import { kmc, kmcJson, nothingRuns, type RunningKmc, signalled, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** Clients enter by two gateways while the route moves there and back, the second time without one of the gateways. */

const directory = temporaryDirectory('two-gateways')
const PORTS = { seoul: BASE_PORT, virginia: BASE_PORT + 20, first: BASE_PORT + 40, second: BASE_PORT + 50 }
const TOPIC = 'orders'
const PARTITIONS = 2
const SOON = { withinMs: PATIENCE_MS, everyMs: 200 }
const SMALL = 'heap: 192'
const file = `fleet: shop
clusters: { seoul: { port: ${PORTS.seoul}, ${SMALL} }, virginia: { port: ${PORTS.virginia}, ${SMALL} } }
links: { dr: { from: seoul, to: virginia, topics: [${TOPIC}], groups: ['*'], producerIdsFrom: 2000 } }
routes: { shop: { port: ${PORTS.first}, primary: seoul, standby: virginia } }
metrics: { port: 0 }
`
/** By the gateway that they enter by. */
const writers = {
  first: ['first-plain', 'first-idempotent'],
  second: ['second-plain', 'second-idempotent'],
} as const
const everybody = [...writers.first, ...writers.second]

const java = await JavaClient.start()
let up: RunningKmc
let second: RunningKmc

before(async () => {
  writeFileSync(join(directory, 'fleet.yaml'), file)
  up = startKmc(directory, 'up')
  await waitUntil('the first gateway serves', () => servingGateways(1), { ...SOON, lastSeen: up.printed })
  await java.createTopics(at('seoul'), [{ name: TOPIC, partitions: PARTITIONS }])
  await startSecond()
  for (const gateway of ['first', 'second'] as const) {
    for (const name of writers[gateway]) {
      const kind = name.endsWith('plain') ? 'plain' : 'idempotent'
      const load = { perSecond: 100, valueBytes: 100, codec: 'none' } as const
      await java.startJournal(at(gateway), { name, kind, topic: TOPIC, partitions: PARTITIONS, ...load })
    }
  }
  await goesOn(everybody)
})
after(async () => {
  await java.close()
  second?.kill('SIGTERM')
  await kmc(directory, 'down')
  await nothingRuns(directory)
})

function at(name: keyof typeof PORTS): Access {
  return { name, bootstrap: [`127.0.0.1:${PORTS[name]}`] }
}

async function gateways(): Promise<readonly GatewayRecord[]> {
  const { code, stdout } = await kmc(directory, 'route', 'describe', 'shop', '-o', 'json')
  return code === 0 ? (JSON.parse(stdout) as RouteOverview).gateways : []
}

async function servingGateways(count: number): Promise<boolean> {
  return (await gateways()).filter(({ mayWrite, gone }) => mayWrite && !gone).length === count
}

async function startSecond(): Promise<void> {
  second = startKmc(directory, 'gateway', 'shop', '--port', String(PORTS.second), '--metrics-port', '0')
  await waitUntil('both gateways serve', () => servingGateways(2), { ...SOON, lastSeen: second.printed })
}

/** Waits until each of these writers was told of a hundred records more. */
async function goesOn(names: readonly string[]): Promise<void> {
  const counts = async () => {
    const all = await java.journalCounts()
    return names.map((name) => all[name]!.acknowledged)
  }
  const from = await counts()
  const look = async () => (await counts()).every((count, index) => count > from[index]! + 100)
  const lastSeen = () => ({ second: second.printed().slice(-1_000) })
  await waitUntil(`${names.join(', ')} go on`, look, { withinMs: PATIENCE_MS, lastSeen })
}

/** Moves the route, once nothing speaks against it any more: a link that was just turned needs a moment. */
async function move(): Promise<RunningKmc> {
  const isPossible = async () => (await kmc(directory, 'failover', 'shop', '--dry-run')).code === 0
  await waitUntil('the route may be moved', isPossible, SOON)
  return startKmc(directory, 'failover', 'shop', '--yes')
}

test('all clients of both gateways go on at the other cluster', async () => {
  const { code, stdout, stderr } = await (await move()).ended
  assert.equal(code, 0, stdout + stderr)
  await goesOn(everybody)
})

test('a gateway that is killed in the middle is waited for as long as its lease lasts', async (context) => {
  const ofFirst = (await kmcJson<FleetStatus>(directory, 'status')).routes[0]!.worker!.pid
  const { pid } = (await gateways()).find((gateway) => gateway.pid !== ofFirst)!
  const run = await move()
  await waitUntil('writes are held', () => run.printed().includes('✓ fence:'), {
    withinMs: PATIENCE_MS,
    everyMs: 5,
    lastSeen: run.printed,
  })
  const killedAt = performance.now()
  // The process of the gateway before the one that would start another in its place.
  assert.ok(signalled(pid, 'SIGKILL'))
  second.kill('SIGKILL')
  const { code, stdout, stderr } = await run.ended
  const tookMs = performance.now() - killedAt
  assert.equal(code, 0, stdout + stderr)
  assert.ok(tookMs > LEASE_MS / 2, `the run ended ${tookMs} ms after the kill`)
  context.diagnostic(`${Math.round(tookMs)} ms from the kill to the end of the run`)
  await goesOn(writers.first)
  await startSecond()
  await goesOn(everybody)
})

test('every record that was acknowledged is there once, in order', async () => {
  const parts = await Promise.all(
    everybody.map(async (name) => [name, await java.stopJournal(name)] as const),
  )
  const seen = await java.scan(at('seoul'), TOPIC)
  for (const [name, { outcomes }] of parts) {
    const mine = seen.filter(({ writer }) => writer === name)
    const ids = new Set(mine.map(({ id }) => id))
    const lost = [...outcomes].flatMap((outcome, id) => (outcome === 'a' && !ids.has(id) ? [id] : []))
    assert.deepEqual(lost, [], `${name}: acknowledged and not there`)
    // Without idempotence a retry may overtake what was sent after it.
    const isOrdered = name.endsWith('idempotent')
    assertOnceInOrder(name, isOrdered ? mine : mine.toSorted((a, b) => a.id - b.id))
  }
  const { record } = await kmcJson<{ record: { active: string } }>(directory, 'route', 'describe', 'shop')
  assert.equal(record.active, 'seoul')
})

test('a client that reads nothing holds up none of eight others, and costs no memory', async () => {
  const [batches, batchBytes] = [24, 900_000]
  const bulk = { topic: 'bulk', partition: 0 }
  await using cluster = await Cluster.connect(at('first'))
  for (const made of await createTopics(cluster, [{ name: bulk.topic, partitions: 1 }])) unwrap(made)
  const record = { timestamp: Date.now(), key: null, value: Buffer.alloc(batchBytes, 'x') }
  const batch = buildBatch({ records: [record] })
  for (let written = 0; written < batches; ) {
    const node = await cluster.leaderOf(bulk.topic, 0)
    const [answer] = await produceRaw(cluster, node, 'data', [{ ...bulk, topicId: '', batch }])
    if (answer!.errorCode === 0) written++
    else await cluster.refresh([bulk.topic])
  }

  const { pid } = (await kmcJson<FleetStatus>(directory, 'status')).routes[0]!.worker!
  const before = usageOf(pid!).rssBytes
  const stuck = connect(PORTS.first, '127.0.0.1')
  stuck.pause()
  const all = { partition: 0, fetchOffset: 0, partitionMaxBytes: 2 ** 30 }
  const body = {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 2 ** 30,
    topics: [{ topic: bulk.topic, partitions: [all] }],
  }
  for (let correlationId = 0; correlationId < 30; correlationId++)
    for (const chunk of encodeRequestFrame(Fetch, 12, { correlationId, clientId: 'stuck' }, body))
      stuck.write(chunk)
  const reading = Array.from({ length: 8 }, async () => {
    await using reader = await Cluster.connect(at('first'))
    await reader.refresh([bulk.topic])
    const node = await reader.leaderOf(bulk.topic, 0)
    let bytes = 0
    for (let fetchOffset = 0; fetchOffset < batches; ) {
      const wanted = { ...bulk, topicId: '', fetchOffset, partitionMaxBytes: 4_000_000 }
      const options = { maxWaitMs: 500, maxBytes: 4_000_000, isolation: 'read_uncommitted' } as const
      const [found] = await fetchRaw(reader, node, 'data', [wanted], options)
      for (const { header } of iterateBatches(found!.records ?? Buffer.alloc(0))) {
        fetchOffset = lastOffset(header) + 1
        bytes += header.sizeBytes
      }
    }
    return bytes
  })
  assert.deepEqual(await Promise.all(reading), new Array(8).fill(batches * batch.length))
  // All that the stuck one asked for are 650 MB.
  const grown = usageOf(pid!).rssBytes - before
  stuck.destroy()
  assert.ok(grown < 64 * 2 ** 20, `the gateway grew by ${grown} bytes`)
})
