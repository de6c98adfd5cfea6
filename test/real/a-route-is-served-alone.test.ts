import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FailoverReceipt } from '../../src/failover/receipt/receipt.ts'
import type { FailoverRecord } from '../../src/failover/state/records.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { Access } from '../harness/access.ts'
import { BASE_PORT, NEWEST, startClusters } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { kmcJson, nothingRuns, type RunningKmc, startKmc } from '../harness/kmc.ts'
import { assertSameOnBothSides, awaitInStep } from '../harness/links.ts'
import { firstRoute } from '../harness/routes.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/** Clusters that somebody else runs: `kmc serve` brings the link and the route, and a failover moves it. */

const { clusters, stop } = await startClusters({ seoul: { kafka: NEWEST }, virginia: { kafka: NEWEST } })
const java = await JavaClient.start()
const directory = temporaryDirectory('served')
const ROUTE_PORT = BASE_PORT + 340
const SOON = { withinMs: PATIENCE_MS, everyMs: 200 }
const through: Access = { name: 'shop', bootstrap: [`127.0.0.1:${ROUTE_PORT}`] }
let serve: RunningKmc

before(async () => {
  const at = (name: keyof typeof clusters) =>
    `  ${name}: { bootstrap: ["${clusters[name].access.bootstrap.join('", "')}"] }`
  const file = [
    'fleet: served',
    ...['clusters:', at('seoul'), at('virginia')],
    ...['links:', '  dr: { from: seoul, to: virginia, producerIdsFrom: 5000 }'],
    ...['routes:', `  shop: { port: ${ROUTE_PORT}, primary: seoul, standby: virginia }`],
  ]
  writeFileSync(join(directory, 'fleet.yaml'), `${file.join('\n')}\n`)
  serve = startKmc(directory, 'serve', '--console-port', '0')
  const serves = async () => (await firstRoute(directory))?.state === 'serving'
  await waitUntil('the route serves', serves, { ...SOON, lastSeen: () => serve.printed() })
})

after(async () => {
  serve?.kill('SIGTERM')
  await serve?.ended
  await nothingRuns(directory)
  await java.close()
  await stop()
})

test('a route under kmc serve takes clients, moves them, and the link is turned', async () => {
  await java.createTopics(through, [{ name: 'orders', partitions: 2 }])
  await java.produce(through, 'orders', numbered('first', 40, 2))
  const isActive = async () => {
    const [link] = (await kmcJson<FleetStatus>(directory, 'status')).links
    return link?.mirrors.some(({ topic, state }) => topic === 'orders' && state === 'active')
  }
  await waitUntil('the mirror is active', isActive, SOON)
  const { id } = await kmcJson<FailoverRecord>(directory, 'failover', 'shop', '--yes')
  const receipt = await kmcJson<FailoverReceipt>(directory, 'receipts', id)
  assert.deepEqual([receipt.outcome, receipt.lost.records], ['done', 0])
  await java.produce(through, 'orders', numbered('after', 20, 2))
  const sides = { source: clusters.virginia, destination: clusters.seoul, topic: 'orders' }
  await awaitInStep(java, sides)
  await assertSameOnBothSides(java, sides)
  assert.equal((await java.read(clusters.virginia.access, 'orders')).length, 60)
})
