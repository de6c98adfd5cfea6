import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { parseExposition } from '../../../test/kit/exposition.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { startMetrics } from './listener.ts'

const running: FleetStatus = {
  fleet: 'shop',
  file: '/f',
  at: 1,
  supervisor: { pid: 1, startedAt: 0, phase: 'running' },
  clusters: [],
  links: [],
  routes: [],
}

async function serve(t: TestContext, status: () => FleetStatus = () => running, host = '127.0.0.1') {
  const listener = await startMetrics(status, { host, port: 0, partitions: true, version: '1' })
  t.after(() => listener.close())
  return { listener, port: Number(new URL(listener.url).port) }
}

/** The answer to one request with these head lines, as bytes. */
async function raw(port: number, request: string, host = `127.0.0.1:${port}`): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`${request} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  return await text(socket)
}

test('metrics, health and readiness are served', async (t) => {
  const { listener } = await serve(t)
  const metrics = await fetch(`${listener.url}/metrics`)
  assert.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.ok(parseExposition(await metrics.text()).size > 20)
  assert.equal(await (await fetch(`${listener.url}/healthz`)).text(), 'ok\n')
  assert.equal(await (await fetch(`${listener.url}/readyz`)).text(), 'ready\n')
})

test('a fleet that starts, or a link without a worker, is not ready, and says why', async (t) => {
  const starting = { ...running, supervisor: { ...running.supervisor!, phase: 'starting' } } as const
  const { listener } = await serve(t, () => starting)
  const answer = await fetch(`${listener.url}/readyz`)
  assert.deepEqual([answer.status, await answer.text()], [503, 'the fleet is starting\n'])
})

test('only reading is answered, and on loopback only under a name of loopback', async (t) => {
  const { port } = await serve(t)
  assert.match(await raw(port, 'POST /metrics'), /^HTTP\/1.1 405 /)
  assert.match(await raw(port, 'GET /api/status'), /^HTTP\/1.1 404 /)
  for (const host of ['evil.example', `evil.example:${port}`, '10.0.0.1']) {
    assert.match(await raw(port, 'GET /metrics', host), /^HTTP\/1.1 403 /)
  }
  for (const host of ['localhost', `LOCALHOST:${port}`, '[::1]:1', '127.0.0.1']) {
    assert.match(await raw(port, 'GET /healthz', host), /^HTTP\/1.1 200 /)
  }
})

test('told to listen beyond loopback, any name is answered', async (t) => {
  const { port } = await serve(t, () => running, '0.0.0.0')
  assert.match(await raw(port, 'GET /healthz', 'kmc.example'), /^HTTP\/1.1 200 /)
})

test('a port in use, and an address of another machine, are errors that say so', async (t) => {
  const { port } = await serve(t)
  const options = { host: '127.0.0.1', partitions: true, version: '1' }
  await assert.rejects(
    startMetrics(() => running, { ...options, port }),
    { code: 'METRICS_PORT_IN_USE' },
  )
  await assert.rejects(
    startMetrics(() => running, { ...options, host: '192.0.2.1', port: 0 }),
    {
      code: 'METRICS_NOT_SERVED',
    },
  )
})
