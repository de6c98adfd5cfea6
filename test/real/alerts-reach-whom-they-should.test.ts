import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { unwrap } from '../../src/client/outcome.ts'
import type { AlertOverview } from '../../src/server/api/alerts.ts'
import type { LagSeries } from '../../src/server/api/history.ts'
import { findRunners } from '../../src/server/find-supervisor.ts'
import { askFront } from '../../src/server/front-client.ts'
import { type Listening, listenForMail, listenForPosts } from '../harness/alert-receivers.ts'
import { BASE_PORT, NEWEST, startClusters } from '../harness/clusters.ts'
import { kmc, kmcJson, kmcOk, nothingRuns, signalled } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** A broker is killed under a running fleet, and the supervisor too: each receiver hears of it once, and of its end. */

const SOON = { withinMs: PATIENCE_MS, everyMs: 250 }
const directory = temporaryDirectory('alerts')
const hook = await listenForPosts<{ events: { what: string; alert: { rule: string; labels: object } }[] }>()
const chat = await listenForPosts<{ text: string }>()
const mail = await listenForMail()

test('a killed broker is told once to each receiver, over the death of the supervisor, and its end too', async () => {
  const { clusters, stop } = await startClusters({ seoul: { kafka: NEWEST } })
  after(stop)
  const { seoul } = clusters
  after(async () => {
    await kmc(directory, 'down')
    await nothingRuns(directory)
    for (const one of [hook, chat, mail]) one.close()
  })
  const where = { directory, environment: urls() }
  writeFileSync(join(directory, 'fleet.yaml'), fleetOf(seoul.config.bootstrap))
  await leaveGroupBehind(seoul.config)
  await kmcOk(where, 'up', '--detach')
  await kmcOk(directory, 'alerts', 'test', 'mail')
  assert.deepEqual(mail.told.splice(0), ['TEST: This is a test of a receiver: receiver mail, by local admin'])
  const points = await waitUntil('the lag of the group is written down', lagOfGroup, SOON)

  const [broker] = seoul.brokers
  seoul.kill(broker!)
  await seoul.stopBroker(broker!)
  await heard('firing')
  const { alerts } = await kmcJson<AlertOverview>(directory, 'alerts', 'list')
  assert.deepEqual(
    alerts.map(({ rule, state, subject }) => [rule, state, subject]),
    [['cluster-unreachable', 'firing', { cluster: 'seoul' }]],
  )

  // Between a delivery and the note of it lie milliseconds, in which a kill would have it told twice.
  await waitUntil('what was told is noted', () => noneWaits(), SOON)
  const [supervisor] = findRunners(directory)
  signalled(supervisor!.pid, 'SIGKILL')
  await kmcOk(where, 'up', '--detach')
  assert.ok((await lagOfGroup())!.length >= points.length, 'what was written down is still there')
  await seoul.startBroker(broker!)
  await heard('recovered')
  assert.deepEqual(counts(), [2, 2, 2])
})

function noneWaits(): boolean {
  const { waiting } = JSON.parse(readFileSync(join(directory, '.kmc', 'seen', 'alerts.json'), 'utf8')) as {
    waiting: Record<string, unknown[]>
  }
  return Object.values(waiting).every((list) => list.length === 0)
}

function fleetOf(bootstrap: readonly string[]): string {
  return `fleet: shop
clusters:
  seoul: { bootstrap: [${bootstrap.join(', ')}] }
server: { port: ${BASE_PORT + 60} }
alerts:
  rules:
    cluster-unreachable: { for: 0s, clear: 0s, labels: { team: platform } }
  receivers:
    hook: { kind: webhook, hook: env:KMC_TEST_HOOK }
    chat: { kind: slack, hook: env:KMC_TEST_CHAT }
    mail:
      { kind: mail, host: 127.0.0.1, port: ${mail.port}, security: none, from: kmc@a.example, to: [ops@a.example] }
  tell:
    - { to: [hook, chat, mail], rules: [cluster-unreachable], match: { cluster: 'seo*' } }
`
}

function urls(): Record<string, string> {
  const url = ({ port }: Listening<unknown>) => `http://127.0.0.1:${port}/hook`
  return { KMC_TEST_HOOK: url(hook), KMC_TEST_CHAT: url(chat) }
}

async function leaveGroupBehind(config: Parameters<typeof Cluster.connect>[0]): Promise<void> {
  await using cluster = await Cluster.connect(config)
  unwrap((await createTopics(cluster, [{ name: 'orders', partitions: 1 }]))[0]!)
  const offsets = [{ topic: 'orders', partition: 0, offset: 0, metadata: '' }]
  for (const outcome of (await commitOffsets(cluster, [{ groupId: 'billing', offsets }]))[0]!) unwrap(outcome)
}

async function lagOfGroup(): Promise<LagSeries['points'] | null> {
  const path = '/api/clusters/seoul/groups/billing/history'
  const { points } = await askFront<LagSeries>(findRunners(directory), { path }, '')
  return points.length === 0 ? null : points
}

const counts = () => [hook.told.length, chat.told.length, mail.told.length]

/** Each receiver was told this last, in its own form. */
async function heard(what: 'firing' | 'recovered'): Promise<void> {
  const wanted = what === 'firing' ? 1 : 2
  const lastSeen = () => [counts(), hook.told, chat.told, mail.told]
  await waitUntil(`${what} is told`, () => counts().every((count) => count >= wanted), { ...SOON, lastSeen })
  assert.deepEqual(
    hook.told.at(-1)!.events.map(({ what: word, alert }) => [word, alert.rule, alert.labels]),
    [[what, 'cluster-unreachable', { team: 'platform' }]],
  )
  const line = `${what === 'firing' ? 'FIRING (critical)' : 'RECOVERED'}: A cluster does not answer: cluster seoul`
  assert.deepEqual([chat.told.at(-1)!.text, mail.told.at(-1)], [line, line])
}
