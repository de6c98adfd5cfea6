import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { quietHouse } from '../../../test/kit/quiet-house.ts'
import { KmcError } from '../../base/error.ts'
import { ClusterDoors } from '../cluster-doors.ts'
import type { Caller } from '../door/caller.ts'
import type { Door } from '../door/door.ts'
import type { Grant } from '../door/roles.ts'
import { serverError } from '../errors.ts'
import type { AskedChange } from './audit-trail.ts'
import { openApiRoute } from './openapi.ts'
import { Reply, type Route, route } from './route.ts'
import { startHttp } from './server.ts'

const callers: Readonly<Record<string, readonly Grant[]>> = {
  viewer: [{ role: 'viewer' }],
  'viewer of shop': [{ role: 'viewer', topics: ['shop.*'] }],
  admin: [{ role: 'admin' }],
}

/** Knows who asks by a word in the header: what a door does besides is tested where the doors are. */
const door: Door = {
  admit({ host }) {
    if (host?.startsWith('evil') === true) throw serverError('HOST_NOT_ALLOWED', 'no')
  },
  identify({ authorization }): Caller | null {
    if (authorization === undefined) return null
    return { name: authorization, by: 'token', grants: callers[authorization] ?? [] }
  },
}

const doors = new ClusterDoors({
  clusters: () => [{ name: 'seoul', clusterId: 'Zn9aSEVvU0aXbQ' }],
  access: async () => Promise.reject(new Error('nobody connects here')),
})

const topic = z.object({ partitions: z.int().min(1).max(100) })

const table: Route[] = [
  route({
    ...{ method: 'GET', path: '/v3/clusters/{cluster}/topics/{topic}', tag: 'test', summary: 'a topic' },
    ...{ need: { role: 'viewer', on: 'topic' }, action: null, answer: z.unknown() },
    handle: ({ params }) => params,
  }),
  route({
    ...{ method: 'POST', path: '/api/clusters/{cluster}/topics:make', tag: 'test', summary: 'makes a topic' },
    ...{ need: { role: 'admin', on: 'cluster' }, action: 'topic.make', body: topic, answer: z.unknown() },
    handle({ body, note }) {
      note({ after: body })
      return new Reply(201, { made: body })
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/bug', tag: 'test', summary: 'a bug', need: 'anyone', action: null },
    answer: z.unknown(),
    handle: () => Promise.reject(new Error('the password is tiger')),
  }),
  route({
    ...{ method: 'GET', path: '/api/refused', tag: 'test', summary: 'no', need: 'anyone', action: null },
    answer: z.unknown(),
    handle: () => Promise.reject(new KmcError('TOPIC_BUSY', 'not now', { remedy: 'Wait.' })),
  }),
]

const changes: (readonly [AskedChange, string, unknown])[] = []
const house = quietHouse(doors, { version: '1.2.3' })
const server = await startHttp({
  ...{ routes: [...table, openApiRoute(table)], house, door, host: '127.0.0.1', port: 0 },
  audit: {
    async begin(asked) {
      changes.push([asked, 'begins', null])
      return async ({ change, error }) => void changes.push([asked, 'ends', error ?? change])
    },
    async refused(asked, error) {
      changes.push([asked, 'refused', error])
    },
  },
})
after(() => server.close())

type Request = { readonly as?: string; readonly post?: unknown; readonly headers?: Record<string, string> }

async function ask(path: string, { as, post, headers = {} }: Request = {}) {
  const response = await fetch(server.url + path, {
    method: post === undefined ? 'GET' : 'POST',
    headers: {
      ...(as === undefined ? {} : { authorization: as }),
      ...(post === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(post === undefined ? {} : { body: typeof post === 'string' ? post : JSON.stringify(post) }),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as never }
}

test('a path names a cluster as the fleet does or by its id, and the route sees the name', async () => {
  for (const cluster of ['seoul', 'Zn9aSEVvU0aXbQ']) {
    const { status, body } = await ask(`/v3/clusters/${cluster}/topics/orders`, { as: 'viewer' })
    assert.deepEqual([status, body], [200, { cluster: 'seoul', topic: 'orders' }])
  }
})

test('leave is asked before the request is looked at', async () => {
  const make = '/api/clusters/seoul/topics:make'
  const wrong = { partitions: 'many' }
  assert.equal((await ask(make, { post: wrong })).status, 401)
  assert.equal((await ask(make, { post: wrong, as: 'viewer' })).status, 403)
  assert.equal((await ask('/api/clusters/nowhere/topics:make', { post: wrong, as: 'viewer' })).status, 403)
  const refused = await ask(make, { post: wrong, as: 'admin' })
  assert.equal(refused.status, 400)
  assert.match(JSON.stringify(refused.body), /REQUEST_INVALID.*partitions/)
  assert.equal((await ask('/api/clusters/nowhere/topics:make', { post: wrong, as: 'admin' })).status, 404)
})

test('a role on some topics opens these alone', async () => {
  const shop = { as: 'viewer of shop' }
  assert.equal((await ask('/v3/clusters/seoul/topics/shop.orders', shop)).status, 200)
  assert.equal((await ask('/v3/clusters/seoul/topics/bank.orders', shop)).status, 403)
})

test('every change is noted before it is made and after, and that it was refused', async () => {
  changes.length = 0
  const make = '/api/clusters/seoul/topics:make'
  await ask(make, { post: { partitions: 3 }, as: 'viewer' })
  await ask(make, { post: { partitions: 'many' }, as: 'admin' })
  const { status } = await ask(make, { post: { partitions: 3 }, as: 'admin' })
  assert.equal(status, 201)
  assert.deepEqual(
    changes.map(([{ action, who, on }, phase, what]) => [
      ...[action, who, on.cluster, phase],
      what instanceof KmcError ? what.code : what,
    ]),
    [
      ['topic.make', 'viewer', 'seoul', 'refused', 'NOT_ALLOWED'],
      ['topic.make', 'admin', 'seoul', 'begins', null],
      ['topic.make', 'admin', 'seoul', 'ends', { after: { partitions: 3 } }],
    ],
  )
})

test('errors have the form of their path, and a bug tells nothing of itself', async () => {
  const refused = await ask('/api/refused')
  assert.equal(refused.status, 409)
  assert.match(JSON.stringify(refused.body), /"code":"TOPIC_BUSY".*"remedy":"Wait."/)
  const bug = await ask('/api/bug')
  assert.equal(bug.status, 500)
  assert.doesNotMatch(JSON.stringify(bug.body), /tiger/)
  const v3 = await ask('/v3/clusters/seoul/topics/orders')
  assert.deepEqual((v3.body as { error_code: number }).error_code, 401)
  assert.equal((await ask('/api/nothing')).status, 404)
})

test('what is no JSON, or too much of it, is refused as a bad request', async () => {
  const make = '/api/clusters/seoul/topics:make'
  assert.equal((await ask(make, { post: '{"partitions":', as: 'admin' })).status, 400)
  assert.equal((await ask(make, { post: 'x'.repeat(2 ** 21), as: 'admin' })).status, 400)
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  assert.equal((await ask(make, { post: 'partitions=3', as: 'admin', headers: form })).status, 400)
})

test('answers are neither kept nor framed nor sniffed', async () => {
  const { headers } = await ask('/v3/clusters/seoul/topics/orders', { as: 'viewer' })
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('content-security-policy')!, /default-src 'self'/)
})

test('the OpenAPI document tells every route with what it takes', async () => {
  const { body } = await ask('/openapi.json')
  const { paths, info } = body as { paths: Record<string, Record<string, object>>; info: object }
  assert.deepEqual(Object.keys(paths).sort(), [...table.map(({ path }) => path), '/openapi.json'].sort())
  assert.deepEqual(info, { title: 'Kafka Multi Cluster', version: '1.2.3' })
  assert.match(
    JSON.stringify(paths['/api/clusters/{cluster}/topics:make']),
    /"partitions":\{"type":"integer"/,
  )
})
