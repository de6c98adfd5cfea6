import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Secret } from '../../src/base/secret.ts'
import { serverSchema } from '../../src/fleet/file/server-schema.ts'
import { sessionRoutes } from '../../src/server/api/session.ts'
import { ClusterDoors } from '../../src/server/cluster-doors.ts'
import { openEntrance } from '../../src/server/door/entrance.ts'
import { type HttpServer, startHttp } from '../../src/server/http/server.ts'
import { type Account, Browser, signInAtProvider, startOidcProvider } from '../harness/oidc-provider.ts'
import { quietHouse } from '../kit/quiet-house.ts'

const accounts: Record<string, Account> = {
  ada: { email: 'ada@example.com', verified: true, groups: ['platform'] },
  bob: { email: 'bob@example.com', verified: true, groups: [] },
  eve: { email: 'ada@example.com', verified: false, groups: ['everybody'] },
}

async function serverBehind(t: TestContext, clientSecret = 'client-secret-of-kmc') {
  const provider = await startOidcProvider(t, accounts)
  const declared = serverSchema.parse({
    oidc: { issuer: provider.issuer, clientId: 'kmc', clientSecret: 'env:X', scopes: ['email', 'groups'] },
    roles: {
      staff: { role: 'operator', members: ['group:platform'] },
      ada: { role: 'admin', clusters: ['seoul'], members: ['user:ada@example.com'] },
    },
  })
  let server: HttpServer
  const place = () => ({ url: server.url, port: server.port })
  const secrets = { tokens: new Map(), clientSecret: new Secret(clientSecret), tls: new Map() }
  const { door, signIn } = openEntrance({
    declared,
    secrets,
    token: new Secret('x'.repeat(43)),
    place,
    onSignedIn: () => undefined,
  })
  const doors = new ClusterDoors({
    clusters: () => [],
    access: async () => Promise.reject(new Error('none')),
  })
  const house = quietHouse(doors)
  server = await startHttp({ routes: sessionRoutes(signIn), house, door, host: '127.0.0.1', port: 0 })
  t.after(() => server.close())
  provider.serve({
    id: 'kmc',
    secret: 'client-secret-of-kmc',
    redirectUri: `${server.url}/api/oidc/callback`,
  })
  return server.url
}

async function codeOf(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code
}

test('a person signs in at the provider, and has what the fleet file gives them and their groups', async (t) => {
  const url = await serverBehind(t)
  const browser = new Browser()
  const back = await signInAtProvider(browser, `${url}/api/oidc/start`, 'ada')
  const arrived = await browser.get(back)
  assert.deepEqual([arrived.status, arrived.headers.get('location')], [303, '/'])
  const session = (await (await browser.get(`${url}/api/session`)).json()) as object
  assert.deepEqual(session, {
    name: 'user ada@example.com',
    by: 'session',
    grants: [{ role: 'operator' }, { role: 'admin', clusters: ['seoul'] }],
    ways: ['link', 'oidc'],
  })
  const again = await browser.get(back)
  assert.deepEqual([again.status, await codeOf(again)], [401, 'OIDC_REFUSED'])
})

test('who has no role does not come in, nor does somebody who claims a name that nobody verified', async (t) => {
  const url = await serverBehind(t)
  for (const login of ['bob', 'eve']) {
    const browser = new Browser()
    const arrived = await browser.get(await signInAtProvider(browser, `${url}/api/oidc/start`, login))
    assert.deepEqual([arrived.status, await codeOf(arrived)], [403, 'NO_ROLE'], login)
    assert.doesNotMatch(browser.cookies(url), /session/)
  }
})

test("another browser cannot use what a browser was sent back with, nor another's state", async (t) => {
  const url = await serverBehind(t)
  const back = await signInAtProvider(new Browser(), `${url}/api/oidc/start`, 'ada')
  const victim = new Browser()
  await victim.get(`${url}/api/oidc/start`)
  const arrived = await victim.get(back)
  assert.deepEqual([arrived.status, await codeOf(arrived)], [401, 'OIDC_REFUSED'])
})

test('a client that the provider does not know gets nobody in', async (t) => {
  const url = await serverBehind(t, 'another-secret')
  const browser = new Browser()
  const arrived = await browser.get(await signInAtProvider(browser, `${url}/api/oidc/start`, 'ada'))
  assert.deepEqual([arrived.status, await codeOf(arrived)], [401, 'OIDC_REFUSED'])
})
