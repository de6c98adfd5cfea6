import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { listOffsets } from '../../src/client/list-offsets.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { openRouteLog } from '../../src/failover/state/log.ts'
import type { GatewayRecord } from '../../src/failover/state/records.ts'
import { type RouteStep, RouteStore } from '../../src/failover/state/store.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { BASE_PORT } from '../harness/clusters.ts'
import { kmc, kmcJson, nothingRuns, type RunningKmc, signalled, startKmc } from '../harness/kmc.ts'
import { firstRoute } from '../harness/routes.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

const directory = temporaryDirectory('route')
const PORTS = { seoul: BASE_PORT, virginia: BASE_PORT + 20, route: BASE_PORT + 40, second: BASE_PORT + 50 }
const TOPIC = 'orders'
const SOON = { withinMs: PATIENCE_MS, everyMs: 250 }
/** No topic is mirrored: what stands on a cluster came through the route. */
const file = `fleet: shop
clusters:
  seoul: { port: ${PORTS.seoul}, heap: 192 }
  virginia: { port: ${PORTS.virginia}, heap: 192 }
links:
  dr: { from: seoul, to: virginia, topics: [other], groups: [], producerIdsFrom: 0 }
metrics: { port: 0 }
routes:
  shop: { port: ${PORTS.route}, primary: seoul, standby: virginia, standbyLost: hold }
`
const direct = { seoul: connectTo('seoul', PORTS.seoul), virginia: connectTo('virginia', PORTS.virginia) }
let up: RunningKmc

function connectTo(name: string, port: number) {
  return () => Cluster.connect({ name, bootstrap: [`127.0.0.1:${port}`] })
}

before(async () => {
  writeFileSync(join(directory, 'fleet.yaml'), file)
  up = startKmc(directory, 'up')
  await waitUntil('the route takes writes', async () => (await here())?.state === 'serving', {
    ...SOON,
    lastSeen: () => up.printed().slice(-2_000),
  })
  for (const connect of Object.values(direct)) {
    await using cluster = await connect()
    for (const made of await createTopics(cluster, [{ name: TOPIC, partitions: 1, replicationFactor: 1 }]))
      unwrap(made)
  }
})
after(async () => {
  await kmc(directory, 'down')
  await nothingRuns(directory)
})

const here = () => firstRoute(directory)

async function gateways(): Promise<readonly GatewayRecord[]> {
  return (await kmcJson<RouteOverview>(directory, 'route', 'describe', 'shop')).gateways
}

/** Writes one record through a gateway, trying again as clients do; gives its offset. */
async function write(cluster: Cluster, value: string): Promise<number> {
  const records = [{ timestamp: Date.now(), key: null, value: Buffer.from(value) }]
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const node = await cluster.leaderOf(TOPIC, 0)
    const batch = buildBatch({ records })
    const [answer] = await produceRaw(cluster, node, 'data', [
      { topic: TOPIC, topicId: '', partition: 0, batch },
    ])
    if (answer!.errorCode === 0) return answer!.baseOffset
    assert.ok(Date.now() < until, `refused with ${answer!.errorCode}`)
    await cluster.refresh([TOPIC])
  }
}

async function endOn(name: keyof typeof direct): Promise<number> {
  await using cluster = await direct[name]()
  const [end] = await listOffsets(cluster, [{ topic: TOPIC, partition: 0, at: 'end' }])
  return unwrap(end!).offset
}

/** What `kmc failover` does to the records: everybody parks, then the route leads to the other cluster. */
async function moveTo(target: 'seoul' | 'virginia'): Promise<void> {
  await using seoul = await direct.seoul()
  await using virginia = await direct.virginia()
  const logs = [await openRouteLog(seoul), await openRouteLog(virginia)]
  const store = new RouteStore('shop', ['seoul', 'virginia'], logs)
  const parked = await store.advance(store.route()!, { phase: 'parked', target })
  const isParked = ({ epoch, phase, gone }: GatewayRecord) =>
    gone || (epoch >= parked.epoch && phase === 'parked')
  await waitUntil(
    'all gateways have parked or are gone',
    async () => {
      await store.refresh()
      return store.gateways().every(isParked)
    },
    { ...SOON, lastSeen: () => store.gateways() },
  )
  const id = target === 'seoul' ? seoul.clusterId : virginia.clusterId
  const step: RouteStep = { phase: 'open', active: target, activeClusterId: id, target: null }
  await store.advance(parked, step)
}

test('clients write through the route, also after its gateway was killed', async () => {
  const route = connectTo('route', PORTS.route)
  {
    await using cluster = await route()
    assert.equal(await write(cluster, 'one'), 0)
  }
  const killed = (await here())!.worker!.pid!
  assert.ok(signalled(killed, 'SIGKILL'))
  const isBack = async () => {
    const now = await here()
    return now?.state === 'serving' && now.worker?.pid !== killed
  }
  await waitUntil('another gateway serves', isBack, SOON)
  await using cluster = await route()
  assert.equal(await write(cluster, 'two'), 1)
  assert.equal((await gateways()).length, 1, 'it took the place of the one before')
})

test('a gateway that slept over a move writes nothing to the cluster that was left', async () => {
  const second = startKmc(directory, 'gateway', 'shop', '--port', String(PORTS.second), '--metrics-port', '0')
  const both = async () => (await gateways()).filter(({ mayWrite, gone }) => mayWrite && !gone).length === 2
  await waitUntil('two gateways serve', both, { ...SOON, lastSeen: () => second.printed() })
  await using cluster = await connectTo('second', PORTS.second)()
  const before = await write(cluster, 'through the second')
  const up = (await here())!.worker!.pid
  const sleeper = (await gateways()).find(({ pid }) => pid !== up)!.pid

  signalled(sleeper, 'SIGSTOP')
  // It lies in the socket of the gateway that sleeps, which takes it up before anything else once it wakes.
  const asleep = write(cluster, 'sent while it slept')
  await moveTo('virginia')
  assert.equal(await endOn('seoul'), before + 1)
  signalled(sleeper, 'SIGCONT')

  assert.equal(await asleep, 0, 'it went to the cluster that the route leads to')
  assert.equal(await endOn('seoul'), before + 1, 'nothing was written to the other one')
  await waitUntil('both serve from virginia', both, SOON)
  assert.deepEqual(new Set((await gateways()).map(({ active }) => active)), new Set(['virginia']))
  second.kill('SIGTERM')
  assert.equal((await second.ended).code, 0)
  await waitUntil('its record is gone', async () => (await gateways()).length === 1, SOON)
})

test('where a route leads outlives all its gateways; a port that is taken is named', async () => {
  await kmc(directory, 'down')
  await nothingRuns(directory)
  up = startKmc(directory, 'up')
  await waitUntil(
    'the route leads where it did',
    async () => {
      const now = await here()
      return now?.state === 'serving' && now.active === 'virginia'
    },
    SOON,
  )
  const third = startKmc(directory, 'gateway', '--metrics-port', '0')
  await waitUntil('it says so', async () => /GATEWAY_PORT_TAKEN/.test(third.printed()), SOON)
  third.kill('SIGTERM')
  await third.ended
  assert.equal((await here())?.state, 'serving')
})
