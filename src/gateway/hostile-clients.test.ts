import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { makeCertificate } from '../../test/kit/certificates.ts'
import { mutate } from '../../test/kit/fuzz/mutate.ts'
import { Random } from '../../test/kit/fuzz/random.ts'
import { dial, type LiveRoute, startTestRoute, until } from '../../test/kit/live-route.ts'
import { header, heartbeat, metadata, Neighbour, sized } from '../../test/kit/neighbour.ts'
import { ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import { systemClock } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import { encodeRequestFrame } from '../wire/api.ts'
import { Produce } from '../wire/apis/000-produce.ts'
import { Heartbeat } from '../wire/apis/012-heartbeat.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import { SaslAuthenticate } from '../wire/apis/036-sasl-authenticate.ts'
import type { GatewayErrorCode } from './errors.ts'

/** Clients that lie, on live sockets: a reason is counted, memory stays bounded, a neighbour is served all along. */

const MIB = 1024 * 1024
/** What a connection reads before it sees that the route is full. */
const READ_BYTES = 64 * 1024
const SEED = Number(process.env.KMC_FUZZ_SEED ?? Date.now() % 2 ** 31)

const versions = Buffer.concat(encodeRequestFrame(ApiVersions, 0, header, {}))
const topicData = [{ name: 't', partitionData: [{ index: 0, records: Buffer.alloc(500) }] }]
const produce = Buffer.concat(encodeRequestFrame(Produce, 9, header, { acks: -1, topicData }))

describe('hostile clients', () => {
  const LIMITS = { parkedBytes: 4 * MIB, connections: 60 }
  const neighbour = new Neighbour()
  let broker: ScriptedBroker
  let running: LiveRoute

  before(async () => {
    broker = await ScriptedBroker.start({
      [Heartbeat.key]: ({ answer }) => answer(Heartbeat, {}),
      [Produce.key]: ({ answer }) => answer(Produce, { responses: [] }),
      [SaslHandshake.key]: ({ answer }) => answer(SaslHandshake, { mechanisms: ['PLAIN'] }),
      [SaslAuthenticate.key]: ({ answer }) => answer(SaslAuthenticate, {}),
    })
    running = await startTestRoute(broker.bootstrap, { limits: LIMITS })
    await neighbour.start(running.port)
  })

  after(async () => {
    neighbour.end()
    await running.route.stop()
    await broker[Symbol.asyncDispose]()
  })

  const counted = (code: GatewayErrorCode): number => running.route.status().closed[code] ?? 0

  const nonsense: readonly (readonly [string, GatewayErrorCode, Buffer])[] = [
    ['a size of 2 GiB', 'GATEWAY_FRAME_TOO_LARGE', sized(0x7fffffff, metadata.subarray(4))],
    ['a size of 2 GiB for records', 'GATEWAY_FRAME_TOO_LARGE', sized(0x7fffffff, produce.subarray(4))],
    [
      'a size of 50 MiB for what is read whole',
      'GATEWAY_FRAME_TOO_LARGE',
      sized(50 * MIB, metadata.subarray(4)),
    ],
    ['a size of -1', 'GATEWAY_BAD_FRAME', sized(-1, metadata.subarray(4))],
    ['a size of 0', 'GATEWAY_BAD_FRAME', sized(0, metadata.subarray(4))],
    ['a request of the web', 'GATEWAY_FRAME_TOO_LARGE', Buffer.from('GET / HTTP/1.1\r\nHost: kafka\r\n\r\n')],
    [
      'an API that nobody has',
      'GATEWAY_API_NOT_SERVED',
      sized(8, Buffer.from('7f000000000000070000', 'hex')),
    ],
    [
      'a right head with a wrong body',
      'GATEWAY_BAD_FRAME',
      sized(metadata.length, Buffer.concat([metadata.subarray(4, -4), Buffer.alloc(8, 0xff)])),
    ],
    [
      'records with a wrong body',
      'GATEWAY_BAD_FRAME',
      sized(400, Buffer.concat([produce.subarray(4, 32), Buffer.alloc(400, 0xff)])),
    ],
  ]

  for (const [what, code, bytes] of nonsense) {
    test(`${what} closes the connection as ${code}`, async () => {
      const before = counted(code)
      const client = await dial(running.port)
      const closed = once(client.resume(), 'close')
      client.write(bytes)
      await closed
      assert.equal(counted(code), before + 1)
      await neighbour.isServed()
    })
  }

  test('frames that are cut and connections that end leave nothing behind', async () => {
    for (const frame of [metadata, produce, versions]) {
      for (let bytes = 1; bytes < frame.length; bytes += 7) {
        const client = await dial(running.port)
        client.end(frame.subarray(0, bytes))
        await once(client.resume(), 'close')
      }
    }
    await until(() => running.route.status().connections === 1)
    assert.equal(running.route.status().parkedBytes, 0)
    await neighbour.isServed()
  })

  test('a client that sends byte by byte is served, and costs what it sent', async () => {
    const client = await dial(running.port)
    client.setNoDelay(true)
    const answered = once(client, 'data')
    for (const byte of metadata) {
      client.write(Buffer.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await answered
    client.destroy()
    await neighbour.isServed()
  })

  test('tiny requests by the hundred thousand, with nobody who reads the answers', async () => {
    const many = Buffer.concat(new Array<Buffer>(2_000).fill(heartbeat))
    const clients = await Promise.all(Array.from({ length: 4 }, () => dial(running.port)))
    const before = process.memoryUsage().arrayBuffers
    let sent = 0
    for (const client of clients) {
      client.pause()
      for (let part = 0; part < 25; part++, sent += 2_000) client.write(many)
    }
    assert.equal(sent, 200_000)
    await neighbour.isServed()
    const held = process.memoryUsage().arrayBuffers - before
    const { parkedBytes } = running.route.status()
    assert.ok(parkedBytes < LIMITS.parkedBytes + clients.length * READ_BYTES, `${parkedBytes} bytes wait`)
    assert.ok(held < 64 * MIB, `${held} bytes held`)
    for (const client of clients) client.destroy()
    await until(() => running.route.status().connections === 1)
  })

  test('requests that never end fill no more than the route may hold', async () => {
    const before = counted('GATEWAY_MEMORY_FULL')
    const clients = await Promise.all(Array.from({ length: 12 }, () => dial(running.port)))
    for (const client of clients) {
      client.resume()
      client.write(sized(30 * MIB, Buffer.concat([metadata.subarray(4), Buffer.alloc(2 * MIB)])))
    }
    await until(() => counted('GATEWAY_MEMORY_FULL') > before)
    await neighbour.isServed()
    const { parkedBytes, connections } = running.route.status()
    assert.ok(parkedBytes <= LIMITS.parkedBytes + connections * 64 * 1024, `${parkedBytes} bytes wait`)
    for (const client of clients) client.destroy()
    await until(() => running.route.status().connections === 1)
    assert.equal(running.route.status().parkedBytes, 0)
  })

  test('a login without an end is one that failed', async () => {
    const before = counted('GATEWAY_LOGIN_FAILED')
    const client = await dial(running.port)
    const closed = once(client.resume(), 'close')
    const step = { authBytes: Buffer.alloc(1_000) }
    client.write(Buffer.concat(encodeRequestFrame(SaslHandshake, 1, header, { mechanism: 'PLAIN' })))
    for (let part = 0; part < 100; part++)
      client.write(Buffer.concat(encodeRequestFrame(SaslAuthenticate, 2, header, step)))
    await closed
    assert.equal(counted('GATEWAY_LOGIN_FAILED'), before + 1)
  })

  test('handshakes that stop take no more than their places, and noise is no handshake', async () => {
    const authority = makeCertificate({ commonName: 'authority' })
    const { certificate, key } = makeCertificate({
      commonName: 'route',
      issuer: authority,
      names: ['127.0.0.1'],
    })
    const tls = { certificate, key: new Secret(key) }
    await using secured = await startTestRoute(broker.bootstrap, { tls, limits: { connections: 4 } })
    const stopped = await Promise.all([0, 1, 2].map(() => dial(secured.port)))
    // The head of a ClientHello (RFC 8446) of which the rest never comes.
    for (const socket of stopped) socket.write(Buffer.from('160301020001', 'hex'))
    const client = connectTls({ host: '127.0.0.1', port: secured.port, ca: authority.certificate })
    await once(client, 'secureConnect')
    client.write(metadata)
    await once(client, 'data')
    const tooMany = await dial(secured.port)
    await once(tooMany.resume(), 'close')
    stopped[0]!.destroy()
    const closedByAll = (): Record<string, number> => ({ ...secured.route.status().closed })
    await until(() => closedByAll().GATEWAY_CONNECTIONS_MAX === 1)
    const before = closedByAll().TLS_FAILED ?? 0
    stopped[1]!.write(Buffer.alloc(2_000, 0xee))
    await until(() => (closedByAll().TLS_FAILED ?? 0) > before)
    client.write(metadata)
    await once(client, 'data')
    for (const socket of [...stopped, client]) socket.destroy()
  })

  test('a client that asks for nothing gives its place back', async () => {
    let laterMs = 0
    const clock = { ...systemClock, now: () => systemClock.now() + laterMs }
    await using patient = await startTestRoute(broker.bootstrap, {}, clock)
    const [silent, slow, busy] = await Promise.all([0, 1, 2].map(() => dial(patient.port)))
    slow!.write(metadata.subarray(0, 9))
    busy!.write(metadata)
    await once(busy!, 'data')
    laterMs = 31_000
    await Promise.all([silent!, slow!].map((socket) => once(socket.resume(), 'close')))
    assert.deepEqual(patient.route.status().closed, { GATEWAY_CLIENT_SILENT: 2 })
    assert.equal(patient.route.status().connections, 1)
    busy!.destroy()
  })

  test('damaged requests by the thousand', async (context) => {
    const random = new Random(SEED)
    const corpus = [metadata, versions, heartbeat, produce]
    const end = performance.now() + 1_500
    let inputs = 0
    while (performance.now() < end) {
      const client = await dial(running.port)
      const closed = once(client.resume(), 'close')
      client.end(mutate(random, random.pick(corpus), random.pick(corpus)))
      // What is cut is waited for; its client has said that it is done.
      await closed
      inputs++
    }
    await neighbour.isServed()
    await until(() => running.route.status().connections === 1)
    context.diagnostic(`${inputs} inputs, seed ${SEED}, ${JSON.stringify(running.route.status().closed)}`)
  })
})
