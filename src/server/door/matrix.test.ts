import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { quietHouse } from '../../../test/kit/quiet-house.ts'
import { silentLog } from '../../base/log.ts'
import { Secret } from '../../base/secret.ts'
import { serverSchema } from '../../fleet/file/server-schema.ts'
import { ClusterDoors } from '../cluster-doors.ts'
import { FleetChanges } from '../events/fleet-changes.ts'
import { namesIn, Reply, type Route } from '../http/route.ts'
import { type HttpServer, startHttp } from '../http/server.ts'
import { Operations } from '../operations/operations.ts'
import { ConsumerInstances } from '../rest-v2/consumer/instances.ts'
import { allRoutes } from '../tables.ts'
import { openEntrance } from './entrance.ts'

/** Every row of the table by everybody who may ask: who is let in is what its `need` says, and nothing else. */

const names = ['viewer', 'operator', 'admin', 'inside', 'joins'] as const
type Name = (typeof names)[number]
const tokenOf = (name: string) => `token-of-${name}-0123456789-abcdef`

const resources = { topics: ['in.*'], groups: ['in.*'] }
const declared = serverSchema.parse({
  tokens: Object.fromEntries(names.map((name) => [name, `env:${name.toUpperCase()}`])),
  roles: {
    viewers: { role: 'viewer', members: ['token:viewer'] },
    operators: { role: 'operator', members: ['token:operator'] },
    admins: { role: 'admin', members: ['token:admin'] },
    insiders: { role: 'admin', clusters: ['seoul'], ...resources, members: ['token:inside'] },
    joiners: { role: 'admin', links: ['in.*'], routes: ['in.*'], members: ['token:joins'] },
  },
})
const tokens = new Map(names.map((name) => [name as string, new Secret(tokenOf(name))]))

let server: HttpServer
const { door, signIn } = openEntrance({
  ...{ declared, token: new Secret(tokenOf('process')) },
  secrets: { tokens, clientSecret: null, tls: new Map() },
  place: () => ({ url: server.url, port: server.port }),
  onSignedIn: () => undefined,
})
const doors = new ClusterDoors({
  clusters: () => ['seoul', 'tokyo'].map((name) => ({ name, clusterId: `id-of-${name}` })),
  access: () => Promise.reject(new Error('nobody connects here')),
})
const house = { ...quietHouse(doors), restCluster: () => 'seoul' }
const operations = new Operations(silentLog)
const consumers = new ConsumerInstances()
const table = allRoutes({
  ...{ signIn, operations, consumers, changes: new FleetChanges({ status: house.status, operations }) },
  trail: { read: () => assert.fail() },
  fleet: undefined as never,
})
/** Behind each row stands nothing: what is tested is who reaches it. */
const routes = table.map((row): Route => ({ ...row, handle: () => new Reply(200, { entered: true }) }))
server = await startHttp({ routes, house, door, host: '127.0.0.1', port: 0 })
after(async () => {
  await server.close()
  await operations[Symbol.asyncDispose]()
  await consumers[Symbol.asyncDispose]()
})

type Headers = Record<string, string>

const pathIn = ({ path }: Route, where: 'in' | 'out') =>
  namesIn(path).reduce((all, name) => {
    const value = name === 'cluster' ? (where === 'in' ? 'seoul' : 'tokyo') : `${where}.x`
    return all.replace(`{${name}}`, value)
  }, path)

async function ask(row: Route, headers: Headers, where: 'in' | 'out' = 'in') {
  const body = row.method === 'GET' ? {} : { body: '{}' }
  const json: Headers = row.method === 'GET' ? {} : { 'content-type': 'application/json' }
  const url = server.url + pathIn(row, where)
  const response = await fetch(url, { method: row.method, headers: { ...json, ...headers }, ...body })
  const text = await response.text()
  const told = text.startsWith('{') ? (JSON.parse(text) as Told) : {}
  return { status: response.status, code: told.error?.code ?? told.kmc?.code ?? null }
}

type Told = { readonly error?: { readonly code: string }; readonly kmc?: { readonly code: string } }
type Need = Exclude<Route['need'], 'anyone'>

const guarded = routes.filter((row): row is Route & { need: Need } => row.need !== 'anyone')
const ranks = ['viewer', 'operator', 'admin']
const nameOf = ({ method, path }: Route) => `${method} ${path}`
const bearer = (name: string): Headers => ({ authorization: `Bearer ${tokenOf(name)}` })
/** Burrow's form of errors has no place for a code. */
const says = ({ status, code }: { status: number; code: string | null }, wanted: number, word: string) =>
  status === wanted && (code ?? word) === word
const isDenied = (answer: { status: number; code: string | null }) => says(answer, 403, 'NOT_ALLOWED')

const AT_ONCE = 16

/** Those of many cases that are not as they should be, in words. */
async function failing<Case extends { readonly row: Route }>(
  cases: readonly Case[],
  isRight: (one: Case) => Promise<boolean>,
): Promise<string[]> {
  const wrong: string[] = []
  for (let at = 0; at < cases.length; at += AT_ONCE) {
    const part = cases.slice(at, at + AT_ONCE)
    const right = await Promise.all(part.map(isRight))
    for (const [index, { row, ...how }] of part.entries()) {
      if (!right[index]) wrong.push(`${nameOf(row)} ${JSON.stringify(how)}`)
    }
  }
  return wrong
}

test('nobody without a good sign reaches a row that wants one', async () => {
  const bad: readonly Headers[] = [
    {},
    { authorization: '' },
    { authorization: 'Bearer ' },
    { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` },
    { authorization: `Bearer ${tokenOf('admin')} ${tokenOf('admin')}` },
    bearer('nobody'),
    { cookie: `kmc-${server.port}-session=${'x'.repeat(43)}`, 'sec-fetch-site': 'same-origin' },
  ]
  const entered = await failing(
    guarded.flatMap((row) => bad.map((headers) => ({ row, headers }))),
    async ({ row, headers }) => says(await ask(row, headers), 401, 'SIGN_IN_NEEDED'),
  )
  assert.deepEqual(entered, [])
})

test('a role reaches what takes it or less, on the whole fleet', async () => {
  const wrong = await failing(
    guarded.flatMap((row) => ranks.map((name) => ({ row, name }))),
    async ({ row, name }) => {
      const shouldEnter = ranks.indexOf(name) >= ranks.indexOf(row.need.role)
      const answer = await ask(row, bearer(name))
      return isDenied(answer) !== shouldEnter && answer.status !== 401
    },
  )
  assert.deepEqual(wrong, [])
})

test('patterns give what they name, and nothing beside it', async () => {
  const ways = [
    ['inside', 'in'],
    ['inside', 'out'],
    ['joins', 'in'],
    ['joins', 'out'],
  ] as const
  const wrong = await failing(
    guarded.flatMap((row) => ways.map(([name, where]) => ({ row, name, where }))),
    async ({ row, name, where }) => {
      return isDenied(await ask(row, bearer(name), where)) !== reaches(name, row, where)
    },
  )
  assert.deepEqual(wrong, [])
})

/** As docs/guide/console.md says it. */
function reaches(
  name: Name,
  { need, path, clusterOf }: Route & { need: Need },
  where: 'in' | 'out',
): boolean {
  const own = name === 'inside' ? ['topic', 'group'] : ['link', 'route']
  const isInCluster = where === 'in' || clusterOf !== undefined || !namesIn(path).includes('cluster')
  if (need.on === 'somewhere') return name === 'joins' || isInCluster
  return own.includes(need.on) && where === 'in'
}

test('a session alone changes nothing: the request has to come from a page of the server', async () => {
  const code = new URL(signIn.link()).hash.slice('#signin='.length)
  const proof = {
    method: 'POST',
    host: undefined,
    address: '127.0.0.1',
    isPrivate: true,
    isTls: false,
  } as const
  const none = { contentType: 'application/json', authorization: undefined, cookie: undefined }
  const { cookie } = signIn.byCode(code, { ...proof, ...none, origin: undefined, fetchSite: 'same-origin' })
  const session = { cookie: cookie.split(';')[0]! }
  const wrong: string[] = []
  for (const row of guarded.filter(({ method }) => method !== 'GET')) {
    const forged = await ask(row, { ...session, 'sec-fetch-site': 'cross-site' })
    const bare = await ask(row, session)
    const own = await ask(row, { ...session, 'sec-fetch-site': 'same-origin' })
    const isKept = [forged, bare].every((one) => says(one, 403, 'FORGERY_SUSPECTED'))
    if (!isKept || own.status === 401 || own.status === 403) wrong.push(nameOf(row))
  }
  assert.deepEqual(wrong, [])
})
