import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { FailoverReceipt } from '../../src/failover/receipt/receipt.ts'
import type { FailoverRecord } from '../../src/failover/state/records.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { Access } from '../harness/access.ts'
import { BASE_PORT, NEWEST } from '../harness/clusters.ts'
import { assertOnceInOrder } from '../harness/gateways.ts'
import { JavaClient } from '../harness/java/client.ts'
import { kmcJson, kmcOk, nothingRuns } from '../harness/kmc.ts'
import { firstRoute } from '../harness/routes.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { makeCertificate } from '../kit/certificates.ts'

/** TLS and SASL everywhere: clients move, and a client that signs in as they do measures how long they waited. */

const directory = temporaryDirectory('secured')
const PORTS = { seoul: BASE_PORT + 300, virginia: BASE_PORT + 320, route: BASE_PORT + 340 }
const SOON = { withinMs: PATIENCE_MS, everyMs: 200 }
const TOPIC = 'orders'

type Side = 'seoul' | 'virginia'

const authority = makeCertificate({ commonName: 'Front Authority' })
const front = makeCertificate({ commonName: 'front', issuer: authority, names: ['127.0.0.1', 'localhost'] })
const caFile = join(directory, 'front-ca.pem')
writeFileSync(caFile, authority.certificate)
writeFileSync(join(directory, 'route.pem'), front.certificate)
writeFileSync(join(directory, 'route.key'), front.key, { mode: 0o600 })
writeFileSync(join(directory, 'shop.txt'), 'shop-secret', { mode: 0o600 })

const through: Access = {
  ...{ name: 'shop', bootstrap: [`127.0.0.1:${PORTS.route}`], caFile },
  user: { mechanism: 'SCRAM-SHA-512', username: 'shop', password: 'shop-secret' },
}

function declare(route: readonly string[]): void {
  const file = [
    'fleet: secured',
    'clusters:',
    `  seoul: { kafka: ${NEWEST}, port: ${PORTS.seoul}, security: true }`,
    `  virginia: { kafka: ${NEWEST}, port: ${PORTS.virginia}, security: true }`,
    'links:',
    '  dr: { from: seoul, to: virginia, topics: ["*"], producerIdsFrom: 5000 }',
    ...route,
  ]
  writeFileSync(join(directory, 'fleet.yaml'), `${file.join('\n')}\n`)
}

const routed = [
  'routes:',
  '  shop:',
  `    port: ${PORTS.route}`,
  '    primary: seoul',
  '    standby: virginia',
  '    tls: { certificate: file:route.pem, key: file:route.key }',
]
const endedHere = ['    sasl: { users: { shop: { password: file:shop.txt } } }']

let java: JavaClient

before(async () => {
  declare([...routed, ...endedHere])
  await kmcOk(directory, 'up', '--detach')
  java = await JavaClient.start()
  await awaitServing('seoul')
  await java.createTopics(through, [{ name: TOPIC, partitions: 2 }])
  await awaitActive()
})

after(async () => {
  await java.close()
  await kmcOk(directory, 'down')
  await nothingRuns(directory)
})

async function awaitServing(cluster: Side): Promise<void> {
  const serves = async () => {
    const route = await firstRoute(directory)
    return route?.state === 'serving' && route.active === cluster
  }
  await waitUntil(`the route leads to ${cluster}`, serves, SOON)
}

async function awaitActive(): Promise<void> {
  const isActive = async () => {
    const [link] = (await kmcJson<FleetStatus>(directory, 'status')).links
    return link?.mirrors.some(({ topic, state }) => topic === TOPIC && state === 'active')
  }
  await waitUntil('the mirror is active', isActive, SOON)
}

/** Moves the route, and gives the receipt. */
async function move(): Promise<FailoverReceipt> {
  const { id } = await kmcJson<FailoverRecord>(directory, 'failover', 'shop', '--yes')
  return await kmcJson<FailoverReceipt>(directory, 'receipts', id)
}

function assertMeasured({ rtoMs, outcome, lost, left }: FailoverReceipt): void {
  assert.deepEqual({ outcome, lost: lost.records }, { outcome: 'done', lost: 0 })
  assert.ok(rtoMs !== null && rtoMs > 0, left.join('\n'))
}

describe('a route with TLS in front and clusters with TLS and SASL', () => {
  test('moves where logins end at the route: nothing is lost, and the wait is measured', async () => {
    const writer = { name: 'shop', kind: 'idempotent', topic: TOPIC, partitions: 2 } as const
    const load = { perSecond: 50, valueBytes: 100, codec: 'none', requestTimeoutMs: 30_000 } as const
    await java.startJournal(through, { ...writer, ...load })
    const goesOn = async (more: number) => {
      const { acknowledged } = (await java.journalCounts()).shop!
      const isOn = async () => (await java.journalCounts()).shop!.acknowledged >= acknowledged + more
      await waitUntil('the writer goes on', isOn, SOON)
    }
    await goesOn(50)
    assertMeasured(await move())
    await goesOn(50)
    const { outcomes } = await java.stopJournal('shop')
    assert.match(outcomes, /^a+$/)
    const log = await java.scan(through, TOPIC)
    assert.equal(log.length, outcomes.length)
    assertOnceInOrder('shop', log)
  })

  test('moves where they pass through to the clusters', async () => {
    declare(routed)
    await kmcOk(directory, 'apply')
    await awaitServing('virginia')
    await awaitActive()
    assertMeasured(await move())
    await awaitServing('seoul')
  })
})

test('`kmc mirror reverse` lets the mirrors go on as the source, and the old source is their mirror', async () => {
  await awaitActive()
  declare([])
  await kmcOk(directory, 'apply')
  await kmcOk(directory, 'mirror', 'reverse', 'dr', '--all', '--yes')
  await awaitActive()
  const [link] = (await kmcJson<FleetStatus>(directory, 'status')).links
  assert.equal(link?.mirrors.length, 1)
  const lines = Array.from({ length: 20 }, (_, index) => `reversed ${index}`)
  const input = `${lines.join('\n')}\n`
  await kmcOk({ directory, input }, 'produce', TOPIC, '--cluster', 'virginia')
  const isThere = async () => {
    const records = await kmcOk(directory, 'consume', TOPIC, '--cluster', 'seoul', '--exit')
    return lines.every((line) => records.includes(line))
  }
  await waitUntil('what is written at virginia comes to seoul', isThere, SOON)
})
