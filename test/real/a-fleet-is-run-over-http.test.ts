import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FailoverPlan } from '../../src/failover/plan/plan.ts'
import type { LinkOverview } from '../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
import type { VerbPreviews } from '../../src/server/api/mirrors.ts'
import type { Operation } from '../../src/server/operations/operation.ts'
import { FrontClient } from '../harness/front-client.ts'
import { kmcOk, nothingRuns, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** What `kmc link`, `mirror`, `failover` and `receipts` do, over HTTP; and who did it, in the audit log. */

const base = Number(process.env.KMC_TEST_PORT ?? 20_900)
const directory = temporaryDirectory('front')
const token = 'viewer-canary-0123456789-abcdefgh'
writeFileSync(
  join(directory, 'fleet.yaml'),
  `clusters:
  seoul: { port: ${base} }
  virginia: { port: ${base + 20} }
links:
  dr: { from: seoul, to: virginia, producerIdsFrom: 2000 }
routes:
  shop: { primary: seoul, standby: virginia, port: ${base + 50}, slots: 4 }
server:
  port: ${base + 40}
  tokens: { watcher: env:KMC_WATCHER }
  roles: { watchers: { role: viewer, members: ["token:watcher"] } }
`,
)
const place = { directory, environment: { KMC_WATCHER: token } }
const up = startKmc(place, 'up')
after(async () => {
  up.kill('SIGTERM')
  await up.ended
  await nothingRuns(directory)
})

const SOON = { withinMs: PATIENCE_MS, everyMs: 300 }
const front = new FrontClient(`http://127.0.0.1:${base + 40}`)
const viewer = { authorization: `Bearer ${token}` }
let admin: Record<string, string>
let code: string

const link = async () => (await front.ask<LinkOverview>('/api/links/dr', viewer)).body
const change = <Body>(path: string, body: object, as = admin) => front.ask<Body>(path, as, body)

before(async () => {
  const printed = () => /#signin=([\w-]+)/.exec(up.printed())?.[1]
  await waitUntil('the link is printed', async () => printed() !== undefined, SOON)
  code = printed()!
  admin = await front.signIn(code)
  await waitUntil('the link is active', async () => (await link()).state === 'active', SOON)
  for (const topic of ['orders', 'stock']) await kmcOk(place, 'topic', 'create', topic, '--cluster', 'seoul')
  const areMirrored = async () =>
    (await link()).mirrors.filter(({ state }) => state === 'active').length === 2
  await waitUntil('both topics are mirrored', areMirrored, SOON)
})

test('a link is paused and resumed by whoever may, and nobody else', async () => {
  const refused = await change<{ error: { code: string } }>('/api/links/dr/pause', {}, viewer as never)
  assert.deepEqual([refused.status, refused.body.error.code], [403, 'NOT_ALLOWED'])
  const paused = await change('/api/links/dr/pause', {})
  assert.deepEqual([paused.status, paused.body], [200, { link: 'dr', desired: 'paused', changed: true }])
  await waitUntil('the link is paused', async () => (await link()).state === 'paused', SOON)
  const hindered = await change<{ error: { code: string } }>('/api/links/dr/mirrors:pause', {})
  assert.equal(hindered.status, 202, 'what its operation says is asked below')
  const failed = await front.ended(hindered.body as unknown as Operation, admin, PATIENCE_MS)
  assert.equal(failed.error?.code, 'MIRROR_VERB_REFUSED')
  await change('/api/links/dr/resume', {})
  await waitUntil('the link is active', async () => (await link()).state === 'active', SOON)
})

test('a mirror is paused, resumed and promoted, after a look at what that would do', async () => {
  const ask = async (verb: string, body: object) => {
    const begun = await change<Operation>(`/api/links/dr/mirrors:${verb}`, { topics: ['stock'], ...body })
    assert.equal(begun.status, 202, JSON.stringify(begun.body))
    return await front.ended(begun.body, admin, PATIENCE_MS)
  }
  assert.equal((await ask('pause', {})).state, 'done')
  const look = await change<VerbPreviews>('/api/links/dr/mirrors:preview', {
    verb: 'promote',
    topics: ['stock'],
  })
  assert.deepEqual([look.body.confirm, look.body.mirrors[0]!.isRefused], ['stock', true])
  assert.match(look.body.mirrors[0]!.why!, /paused/)
  assert.equal((await ask('resume', {})).state, 'done')
  const unconfirmed = await change<{ error: { code: string } }>('/api/links/dr/mirrors:promote', {
    topics: ['stock'],
  })
  assert.deepEqual([unconfirmed.status, unconfirmed.body.error.code], [428, 'CONFIRMATION_NEEDED'])
  const promoted = await ask('promote', { confirm: 'stock' })
  assert.deepEqual([promoted.state, promoted.steps.map(({ state }) => state)], ['done', ['done']])
  type Detail = { state: string; receipts: { by: { user: string } }[] }
  const detail = async () => (await front.ask<Detail>('/api/links/dr/mirrors/stock', viewer)).body
  await waitUntil('its state is told', async () => (await detail()).state === 'promoted', SOON)
  assert.equal((await detail()).receipts[0]?.by.user, 'local admin')
})

test('a route is moved as it was planned, and the receipt says what that cost', async () => {
  const route = async () => (await front.ask<RouteOverview>('/api/routes/shop', viewer)).body
  await waitUntil('the route serves', async () => (await route()).state === 'serving', SOON)
  const plan = async () => (await change<FailoverPlan>('/api/routes/shop/failover:plan', {})).body
  let ready = await plan()
  const isReady = async () => {
    ready = await plan()
    return ready.refusals.length === 0
  }
  await waitUntil('nothing speaks against a failover', isReady, SOON).catch((error: unknown) => {
    throw new Error(JSON.stringify(ready.refusals), { cause: error })
  })
  assert.deepEqual([ready.kind, ready.from, ready.to], ['switchover', 'seoul', 'virginia'])
  const begun = await change<Operation>('/api/routes/shop/failover:start', {
    plan: ready.id,
    confirm: 'shop',
  })
  assert.equal(begun.status, 202, JSON.stringify(begun.body))
  const ended = await front.ended(begun.body, admin, PATIENCE_MS)
  assert.equal(ended.state, 'done', JSON.stringify(ended))
  assert.ok(ended.steps.every(({ state, endedAt }) => state === 'done' && endedAt !== null))
  await waitUntil('the route leads there', async () => (await route()).active === 'virginia', SOON)

  const { run } = ended.result as { run: string }
  const markdown = await front.ask<string>(`/api/receipts/${run}?as=markdown`, viewer)
  assert.match(markdown.body, /shop: switchover from seoul to virginia/)
  assert.match(markdown.body, /local admin/)
  const stale = await change<{ error: { code: string; context: { changes: unknown[] } } }>(
    '/api/routes/shop/failover:start',
    { plan: ready.id, confirm: 'shop' },
  )
  assert.deepEqual([stale.status, stale.body.error.code], [409, 'FAILOVER_PLAN_STALE'])
  assert.ok(stale.body.error.context.changes.length > 0)
})

test('all of it stands in the audit log, and no secret anywhere', async () => {
  type Entry = { action: string; who: string; result: string; error: { code: string } | null; on: object }
  assert.equal((await front.ask('/api/audit', viewer)).status, 403)
  const about = async (query: string) => {
    const { body } = await front.ask<{ entries: Entry[]; missing: [] }>(`/api/audit?${query}`, admin)
    assert.deepEqual(body.missing, [])
    return body.entries.map(({ action, who, result, error }) => [action, who, result, error?.code ?? null])
  }
  assert.deepEqual(await about('action=link.'), [
    ['link.resume', 'local admin', 'done', null],
    ['link.pause', 'local admin', 'done', null],
    ['link.pause', 'token watcher', 'refused', 'NOT_ALLOWED'],
  ])
  assert.deepEqual(await about('resource=shop&limit=2'), [
    ['route.failover', 'local admin', 'failed', 'FAILOVER_PLAN_STALE'],
    ['route.failover', 'local admin', 'done', null],
  ])
  assert.deepEqual(await about('action=mirror.promote&result=done&who=local'), [
    ['mirror.promote', 'local admin', 'done', null],
  ])
  for (const secret of [token, code]) assert.ok(!front.answers.join('').includes(secret))
})
