import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { mutate } from '../../test/kit/fuzz/mutate.ts'
import { Random } from '../../test/kit/fuzz/random.ts'
import { dial, type LiveRoute, startTestRoute, until } from '../../test/kit/live-route.ts'
import { ScriptedBroker, type ScriptedRequest } from '../../test/kit/scripted-broker.ts'
import { encodeRequestFrame } from '../wire/api.ts'
import { Produce } from '../wire/apis/000-produce.ts'
import { Metadata } from '../wire/apis/003-metadata.ts'
import { Heartbeat } from '../wire/apis/012-heartbeat.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import { SaslAuthenticate } from '../wire/apis/036-sasl-authenticate.ts'
import type { GatewayErrorCode } from './errors.ts'

/** Peers that lie, on live sockets: a reason is counted, memory stays bounded, and a neighbour is served all along. */

const MIB = 1024 * 1024
const SEED = Number(process.env.KMC_FUZZ_SEED ?? Date.now() % 2 ** 31)
const header = { correlationId: 7, clientId: 'hostile' }

const metadata = Buffer.concat(encodeRequestFrame(Metadata, 9, header, { topics: null }))
const versions = Buffer.concat(encodeRequestFrame(ApiVersions, 0, header, {}))
const heartbeat = Buffer.concat(encodeRequestFrame(Heartbeat, 3, header, { groupId: 'g' }))
const topicData = [{ name: 't', partitionData: [{ index: 0, records: Buffer.alloc(500) }] }]
const produce = Buffer.concat(encodeRequestFrame(Produce, 9, header, { acks: -1, topicData }))

/** A frame that says it is so long, and is not. */
function sized(bytes: number, content: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes)
  return Buffer.concat([size, content])
}

/** A client that asks for metadata again and again and has to be answered each time. */
class Neighbour {
  answers = 0
  #socket: Socket | null = null

  async start(port: number): Promise<void> {
    const socket = await dial(port)
    this.#socket = socket
    let waiting = 0
    socket.on('data', (bytes: Buffer) => {
      waiting += bytes.length
      if (waiting < 4 || waiting < bytes.readInt32BE(0) + 4) return
      waiting = 0
      this.answers++
      setTimeout(() => socket.write(metadata), 2)
    })
    socket.write(metadata)
  }

  /** Served three times more, on the connection that it has had all along. */
  async isServed(): Promise<void> {
    const from = this.answers
    await until(() => this.answers > from + 2)
    assert.equal(this.#socket!.destroyed, false)
  }

  end(): void {
    this.#socket?.destroy()
  }
}

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
    assert.ok(parkedBytes < LIMITS.parkedBytes, `${parkedBytes} bytes wait`)
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

describe('hostile brokers', () => {
  /** The hostile one is asked by heartbeats; metadata are answered as they should be. */
  const lies: readonly (readonly [string, GatewayErrorCode, (request: ScriptedRequest) => void])[] = [
    ['noise', 'GATEWAY_BAD_FRAME', ({ socket }) => socket.write(Buffer.alloc(5_000, 0xee))],
    ['another correlation id', 'GATEWAY_UNEXPECTED_ANSWER', ({ socket }) => socket.write(answer(8))],
    [
      'an answer too many',
      'GATEWAY_UNEXPECTED_ANSWER',
      ({ socket }) => socket.write(Buffer.concat([answer(7), answer(8)])),
    ],
    [
      'half an answer and the end',
      'GATEWAY_UPSTREAM_LOST',
      ({ socket }) => socket.end(answer(7).subarray(0, 12)),
    ],
  ]

  function answer(correlationId: number): Buffer {
    const frame = Buffer.alloc(14)
    frame.writeInt32BE(10, 0)
    frame.writeInt32BE(correlationId, 4)
    return frame
  }

  for (const [what, code, lie] of lies) {
    test(`a broker that sends ${what} costs its client the connection: ${code}`, async () => {
      await using broker = await ScriptedBroker.start({ [Heartbeat.key]: lie })
      await using running = await startTestRoute(broker.bootstrap)
      const neighbour = new Neighbour()
      await neighbour.start(running.port)
      const client = await dial(running.port)
      const closed = once(client.resume(), 'close')
      client.write(heartbeat)
      await closed
      await neighbour.isServed()
      assert.deepEqual(running.route.status().closed, { [code]: 1 })
      neighbour.end()
    })
  }

  test('an answer that is rewritten may not be of any size, one that passes may', async () => {
    let asked = 0
    await using broker = await ScriptedBroker.start({
      [Metadata.key]: (request) => {
        const isOurs = request.header.clientId === header.clientId
        if (isOurs && ++asked > 1) request.socket.write(sized(0x7fffffff, answer(7).subarray(4)))
        else request.answer(Metadata, { clusterId: 'x', controllerId: 1 })
      },
      [Heartbeat.key]: ({ socket }) => socket.write(sized(2 ** 30, answer(7).subarray(4))),
    })
    await using running = await startTestRoute(broker.bootstrap)
    const client = await dial(running.port)
    client.write(metadata)
    await once(client, 'data')
    const closed = once(client, 'close')
    client.write(metadata)
    await closed
    assert.deepEqual(running.route.status().closed, { GATEWAY_FRAME_TOO_LARGE: 1 })
    const other = await dial(running.port)
    other.write(heartbeat)
    const [bytes] = (await once(other, 'data')) as [Buffer]
    assert.equal(bytes.readInt32BE(0), 2 ** 30)
    other.destroy()
  })

  test('a broker that says nothing more holds up its own client alone', async () => {
    const held: Socket[] = []
    await using broker = await ScriptedBroker.start({
      [Heartbeat.key]: ({ socket }) => {
        held.push(socket)
        socket.write(answer(7).subarray(0, 9))
      },
    })
    await using running = await startTestRoute(broker.bootstrap)
    const neighbour = new Neighbour()
    await neighbour.start(running.port)
    const client = await dial(running.port)
    client.write(heartbeat)
    await until(() => held.length === 1)
    await neighbour.isServed()
    assert.equal(running.route.status().connections, 2)
    client.destroy()
    neighbour.end()
  })
})
