import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { z } from 'zod'
import { quietHouse } from '../../../test/kit/quiet-house.ts'
import { Secret } from '../../base/secret.ts'
import { serverSchema } from '../../fleet/file/server-schema.ts'
import { sessionRoutes } from '../api/session.ts'
import { ClusterDoors } from '../cluster-doors.ts'
import { route } from '../http/route.ts'
import { type HttpServer, startHttp } from '../http/server.ts'
import { openEntrance } from './entrance.ts'

const ci = 'ci-token-of-24-characters-at-least'
const own = 'the-token-of-the-process-in-a-file'
const declared = serverSchema.parse({
  tokens: { ci: 'env:CI' },
  roles: { builds: { role: 'viewer', clusters: ['seoul'], members: ['token:ci'] } },
})
const secrets = { tokens: new Map([['ci', new Secret(ci)]]), clientSecret: null, tls: new Map() }

let server: HttpServer
const place = () => ({ url: server.url, port: server.port })
const { door, signIn } = openEntrance({
  declared,
  secrets,
  token: new Secret(own),
  place,
  onSignedIn: () => undefined,
})
const doors = new ClusterDoors({ clusters: () => [], access: async () => Promise.reject(new Error('none')) })
const house = quietHouse(doors)
const change = route({
  ...{ method: 'POST', path: '/api/change', tag: 'test', summary: 'a change', action: 'test.change' },
  ...{ need: { role: 'admin', on: 'fleet' }, body: z.object({}), answer: z.unknown() },
  handle: ({ caller }) => ({ who: caller.name }),
})
server = await startHttp({
  routes: [...sessionRoutes(signIn), change],
  house,
  door,
  host: '127.0.0.1',
  port: 0,
})
after(() => server.close())

type Asked = { readonly method?: string; readonly body?: unknown; readonly headers?: Record<string, string> }

async function ask(path: string, { method = 'GET', body, headers = {} }: Asked = {}) {
  const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(server.url + path, {
    method,
    headers: { ...json, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
}

/** As a browser does it from a page of the server. */
const page = { 'sec-fetch-site': 'same-origin' }

async function signedIn(): Promise<string> {
  const code = new URL(signIn.link()).hash.slice('#signin='.length)
  const answer = await ask('/api/session', { method: 'POST', body: { code }, headers: page })
  assert.equal(answer.status, 201)
  return answer.headers.getSetCookie()[0]!
}

test('the link of the terminal opens a session, once; scripts and other sites cannot have it', async () => {
  const link = new URL(signIn.link())
  assert.equal(link.origin, server.url)
  const post = { method: 'POST', body: { code: link.hash.slice('#signin='.length) }, headers: page }
  const first = await ask('/api/session', post)
  assert.equal(first.body.name, 'local admin')
  assert.match(
    first.headers.getSetCookie()[0]!,
    /^kmc-session-\d+=[\w-]{43}; Path=\/; .*HttpOnly; SameSite=Strict$/,
  )
  const again = await ask('/api/session', post)
  assert.deepEqual([again.status, again.body.error.code], [401, 'SIGN_IN_REFUSED'])
})

test('a session may change what a page of the server asks for, until it signs out', async () => {
  const cookie = (await signedIn()).split(';')[0]!
  const post = { method: 'POST', body: {} }
  assert.equal((await ask('/api/change', { ...post, headers: { ...page, cookie } })).body.who, 'local admin')
  const foreign = await ask('/api/change', { ...post, headers: { 'sec-fetch-site': 'cross-site', cookie } })
  assert.deepEqual([foreign.status, foreign.body.error.code], [403, 'FORGERY_SUSPECTED'])
  assert.equal((await ask('/api/session', { headers: { cookie } })).body.by, 'session')
  assert.equal((await ask('/api/session', { method: 'DELETE', headers: { ...page, cookie } })).status, 204)
  assert.equal((await ask('/api/change', { ...post, headers: { ...page, cookie } })).status, 401)
})

test('tokens are known by what the fleet file gives them', async () => {
  const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
  const builds = (await ask('/api/session', as(ci))).body
  assert.deepEqual([builds.name, builds.grants], ['token ci', [{ role: 'viewer', clusters: ['seoul'] }]])
  assert.equal((await ask('/api/change', { method: 'POST', body: {}, ...as(ci) })).status, 403)
  assert.equal((await ask('/api/change', { method: 'POST', body: {}, ...as(own) })).status, 200)
  for (const wrong of ['Bearer', 'Bearer ', 'Bearer nonsense', `Basic ${own}`, `Bearer ${own}x`]) {
    assert.equal((await ask('/api/session', { headers: { authorization: wrong } })).status, 401, wrong)
  }
})

test('nobody has signed in without a sign', async () => {
  assert.deepEqual((await ask('/api/session')).body, { name: null, by: null, grants: [], ways: ['link'] })
  assert.equal((await ask('/api/oidc/start')).body.error.code, 'OIDC_NOT_SET_UP')
})

test('codes cannot be tried out', async () => {
  const attempt = () => ask('/api/session', { method: 'POST', body: { code: 'x' }, headers: page })
  const statuses = []
  for (let count = 0; count < 12; count++) statuses.push((await attempt()).status)
  assert.equal(statuses.at(-1), 429)
})
