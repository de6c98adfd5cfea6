import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { makeCertificate } from '../../test/kit/certificates.ts'
import { dial, freePort, startTestRoute as start, until } from '../../test/kit/live-route.ts'
import { ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import { Secret } from '../base/secret.ts'
import { encodeRequestFrame } from '../wire/api.ts'
import { Fetch } from '../wire/apis/001-fetch.ts'
import { Metadata } from '../wire/apis/003-metadata.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import { SOCKET_BUFFER_BYTES } from './limits.ts'
import { servedApis } from './rewrite/served.ts'

const MIB = 1024 * 1024
const versions = servedApis.map(({ key, min, max }) => ({ apiKey: key, minVersion: min, maxVersion: max }))
const HOST = '127.0.0.1'

const metadata = () => Buffer.concat(encodeRequestFrame(Metadata, 4, { correlationId: 5, clientId: 'c' }, {}))

async function ask(socket: Socket): Promise<number> {
  socket.write(metadata())
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.readInt32BE(4)
}

test('a client that does not read stops only its own broker connection', async () => {
  const sent: Socket[] = []
  await using broker = await ScriptedBroker.start({
    [Fetch.key]: ({ socket, header }) => {
      sent.push(socket)
      const frame = Buffer.alloc(64 * MIB)
      frame.writeInt32BE(frame.length - 4, 0)
      frame.writeInt32BE(header.correlationId, 4)
      socket.write(frame)
    },
  })
  await using running = await start(broker.bootstrap)
  const slow = await dial(running.port)
  slow.pause()
  slow.write(Buffer.concat(encodeRequestFrame(Fetch, 12, { correlationId: 1, clientId: 'slow' }, {})))
  await until(() => sent.length === 1)
  const quick = await dial(running.port)
  assert.equal(await ask(quick), 5)
  // The broker's bytes stay with the broker, but for what sockets hold on the way.
  assert.ok(sent[0]!.writableLength > 32 * MIB, `${sent[0]!.writableLength} bytes still wait at the broker`)
  assert.ok(SOCKET_BUFFER_BYTES < MIB)
  slow.destroy()
  quick.destroy()
})

test('clients of a cluster that is away wait, and are served when it is there', async () => {
  const port = await freePort()
  await using running = await start([`${HOST}:${port}`])
  assert.equal(running.route.status().warnings.length, 1)
  const client = await dial(running.port)
  const answer = ask(client)
  await until(() => running.route.status().parkedConnections === 1)
  await using broker = await ScriptedBroker.start()
  const forward = createServer((socket) => {
    const other = connect(broker.port, HOST)
    for (const one of [socket, other]) one.on('error', () => {})
    socket.pipe(other).pipe(socket)
  }).listen(port, HOST)
  assert.equal(await answer, 5)
  client.destroy()
  forward.close()
})

test('connections beyond the limit are refused and counted, and so is nonsense', async () => {
  await using broker = await ScriptedBroker.start()
  await using running = await start(broker.bootstrap, { limits: { connections: 1 } })
  const first = await dial(running.port)
  assert.equal(await ask(first), 5)
  const second = await dial(running.port)
  await once(second, 'close')
  first.write('GET / HTTP/1.1\r\n\r\n')
  await once(first, 'close')
  const { closed, connections } = running.route.status()
  assert.deepEqual([closed.GATEWAY_CONNECTIONS_MAX, connections], [1, 0])
  assert.equal(Object.keys(closed).length, 2)
})

test('a port that is taken and clusters that are not there are refused', async () => {
  await using broker = await ScriptedBroker.start()
  await using running = await start(broker.bootstrap)
  const listen = { host: HOST, port: running.port, slots: 1 }
  await assert.rejects(start(broker.bootstrap, { listen }), { code: 'GATEWAY_PORT_TAKEN' })
  await assert.rejects(start(broker.bootstrap, { active: 'two' }), { code: 'GATEWAY_CLUSTER_UNKNOWN' })
  await assert.rejects(running.route.swap('two'), { code: 'GATEWAY_CLUSTER_UNKNOWN' })
  await assert.rejects(running.route.swap('one'), { code: 'GATEWAY_NOT_PARKED' })
})

test('a broker that hangs does not hold up the switch to its cluster', { timeout: 20_000 }, async () => {
  let isHanging = false
  await using first = await ScriptedBroker.start()
  await using hanging = await ScriptedBroker.start({
    [ApiVersions.key]: (request) => {
      if (!isHanging) request.answer(ApiVersions, { apiKeys: versions })
    },
  })
  const clusters = [
    { name: 'one', config: { name: 'one', bootstrap: first.bootstrap } },
    { name: 'two', config: { name: 'two', bootstrap: hanging.bootstrap } },
  ]
  await using running = await start([], { clusters })
  await running.route.enter('parked', { deadlineMs: 1_000 })
  isHanging = true
  // What was learnt within the last second is not asked again.
  await sleep(1_100)
  await running.route.swap('two')
  assert.equal(running.route.status().active, 'two')
})

test('a switch that is called off lets everything go on', async () => {
  await using broker = await ScriptedBroker.start()
  await using running = await start(broker.bootstrap)
  await running.route.enter('parked', { deadlineMs: 1_000 })
  const client = await dial(running.port)
  const answer = ask(client)
  await until(() => running.route.status().parkedBytes > 0)
  await running.route.enter('open', { deadlineMs: 0 })
  assert.equal(await answer, 5)
  assert.equal(running.route.status().parkedBytes, 0)
  client.destroy()
})

test('a certificate that is none, or another one’s key, keeps a route from opening its port', async () => {
  const [own, other] = ['own', 'other'].map((commonName) => makeCertificate({ commonName }))
  const { certificate } = own!
  for (const tls of [
    { certificate: 'nothing of the kind', key: new Secret(own!.key) },
    { certificate, key: new Secret(other!.key) },
  ]) {
    await assert.rejects(start([], { tls }), { code: 'GATEWAY_CERTIFICATE_BAD' })
  }
})

test('a client with a certificate of another authority is refused, and counted', async () => {
  const [own, other] = ['own', 'other'].map((commonName) => makeCertificate({ commonName }))
  const tls = { certificate: own!.certificate, key: new Secret(own!.key), clientCa: own!.certificate }
  await using running = await start([], { tls })
  const credentials = { cert: other!.certificate, key: other!.key, rejectUnauthorized: false }
  const client = connectTls({ port: running.port, host: HOST, ...credentials })
  client.on('error', () => {})
  await once(client, 'close')
  await until(() => (running.route.status().closed.TLS_FAILED ?? 0) > 0)
  assert.equal(running.route.status().connections, 0)
})
