import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { LEASE_MS } from '../../src/failover/keeper/lease.ts'
import type { GatewayRecord } from '../../src/failover/state/records.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
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
