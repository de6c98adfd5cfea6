import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { KmcError } from '../base/error.ts'
import { silentLog } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import { askFor, fetchSignInLink, fetchStatus } from './control-client.ts'
import { type ControlTarget, startControlServer } from './control-server.ts'

const token = new Secret('a-token-of-the-test')
const status: FleetStatus = {
  fleet: 'shop',
  file: '/f',
  at: 1,
  supervisor: null,
  clusters: [],
  links: [],
  routes: [],
}

async function serve(t: TestContext, target: Partial<ControlTarget> = {}) {
  const calls: string[] = []
  const server = await startControlServer(
    {
      status: () => status,
      stop: () => void calls.push('stop'),
      reconcile: async () => void calls.push('reconcile'),
      signInLink: () => 'http://127.0.0.1:8686/#signin=x',
      cluster: async (name, action) => void calls.push(`${action} ${name}`),
      ...target,
    },
    { token, port: 0, log: silentLog },
  )
  t.after(() => server.close())
  return { port: server.port, calls, door: { port: server.port, token } }
}

/** Sends bytes as they are and gives everything that comes back until the other side closes. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(request)
  return await text(socket)
}

test('the client gets what the target says and its changes arrive', async (t) => {
  const { door, calls } = await serve(t)
  assert.deepEqual(await fetchStatus(door), status)
  assert.equal(await fetchSignInLink(door), 'http://127.0.0.1:8686/#signin=x')
  await askFor(door, { kind: 'stop' })
  await askFor(door, { kind: 'reconcile' })
  await askFor(door, { kind: 'cluster', name: 'a b/ç', action: 'restart' })
  assert.deepEqual(calls, ['stop', 'reconcile', 'restart a b/ç'])
})

test('errors of the target arrive as they were thrown; a bug says nothing of itself', async (t) => {
  const thrown = new KmcError('CLUSTER_BUSY', 'it is starting', { remedy: 'wait', context: { name: 'x' } })
  const { door } = await serve(t, { reconcile: () => Promise.reject(thrown) })
  await assert.rejects(askFor(door, { kind: 'reconcile' }), {
    code: 'CLUSTER_BUSY',
    message: 'it is starting',
    remedy: 'wait',
    context: { name: 'x' },
  })
  const buggy = await serve(t, { reconcile: () => Promise.reject(new Error('secret inside')) })
  await assert.rejects(askFor(buggy.door, { kind: 'reconcile' }), (error: KmcError) => {
    assert.equal(error.code, 'INTERNAL')
    return !error.message.includes('secret')
  })
})

test('every route needs the token, and reading never changes anything', async (t) => {
  const { port, calls } = await serve(t)
  const routes = [
    'GET /api/status',
    'POST /api/stop',
    'POST /api/reconcile',
    'POST /api/clusters/a/stop',
    'GET /x',
  ]
  for (const line of routes) {
    const answer = await raw(port, `${line} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
    assert.match(answer, /^HTTP\/1.1 401 /)
  }
  const head = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token.reveal()}\r\nConnection: close\r\n\r\n`
  for (const path of ['/api/stop', '/api/reconcile', '/api/clusters/a/stop']) {
    assert.match(await raw(port, `GET ${path} HTTP/1.1\r\n${head}`), /^HTTP\/1.1 404 /)
  }
  assert.deepEqual(calls, [])
})

test('malformed and oversized requests are refused and the endpoint lives on', async (t) => {
  const { port, door } = await serve(t)
  const auth = `Host: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token.reveal()}\r\nConnection: close\r\n`
  assert.match(await raw(port, `POST /api/clusters/%ff/stop HTTP/1.1\r\n${auth}\r\n`), /^HTTP\/1.1 400 /)
  assert.match(
    await raw(port, `GET /api/status HTTP/1.1\r\n${auth}X: ${'x'.repeat(20_000)}\r\n\r\n`),
    /^HTTP\/1.1 431 /,
  )
  assert.match(await raw(port, 'nonsense\r\n\r\n'), /^HTTP\/1.1 400 /)
  assert.deepEqual(await fetchStatus(door), status)
})

test('a client without the right token, or without a server, is told so', async (t) => {
  const { port } = await serve(t)
  await assert.rejects(fetchStatus({ port, token: new Secret('another-token') }), { code: 'CONTROL_REFUSED' })
  const gone = await startControlServer({} as ControlTarget, { token, port: 0, log: silentLog })
  await gone.close()
  await assert.rejects(fetchStatus({ port: gone.port, token }), {
    code: 'CONTROL_UNREACHABLE',
    retriable: true,
  })
})
