import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { allVersions, type Script, ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import { encodeResponseFrame } from '../wire/api.ts'
import { Metadata } from '../wire/apis/003-metadata.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import { Connection } from './connection.ts'

const MIB = 1024 * 1024
const times = { connectTimeoutMs: 1_000, requestTimeoutMs: 300 }

/** Each of these must end in a typed error, soon. */
const SOON_MS = 3_000

function size(bytes: number): Buffer {
  const head = Buffer.alloc(4)
  head.writeInt32BE(bytes)
  return head
}

type Outcome = { readonly code: string; readonly isOpen: boolean; readonly tookMs: number }

/** Opens a connection to a broker that is well until its first Metadata request, and gives what became of that. */
async function askMetadata(
  script: Script[number],
  more: Partial<Parameters<typeof Connection.open>[0]> = {},
): Promise<Outcome> {
  await using broker = await ScriptedBroker.start({ [Metadata.key]: script })
  const connection = await Connection.open({ address: broker.address, clientId: 'test', ...times, ...more })
  const startedMs = performance.now()
  const code = await connection.send(Metadata, { topics: null }).then(
    () => 'answered',
    (error: { code: string }) => error.code,
  )
  const outcome = { code, isOpen: connection.isOpen, tookMs: performance.now() - startedMs }
  connection.close()
  assert.ok(outcome.tookMs < SOON_MS, `took ${outcome.tookMs} ms`)
  return outcome
}

describe('a broker that turns bad', () => {
  const closed: readonly (readonly [string, string, Script[number]])[] = [
    ['an oversized frame', 'MALFORMED_RESPONSE', ({ socket }) => socket.write(size(0x7fff_ffff))],
    ['a negative length', 'MALFORMED_RESPONSE', ({ socket }) => socket.write(size(-5))],
    ['a frame too short for an id', 'MALFORMED_RESPONSE', ({ socket }) => socket.write(size(2))],
    ['garbage', 'MALFORMED_RESPONSE', ({ socket }) => socket.write(Buffer.alloc(64, 0xab))],
    [
      'another correlation id',
      'MALFORMED_RESPONSE',
      ({ socket, header }) => {
        const chunks = encodeResponseFrame(Metadata, header.apiVersion, header.correlationId + 1, {})
        for (const chunk of chunks) socket.write(chunk)
      },
    ],
    [
      'a body that breaks off',
      'MALFORMED_RESPONSE',
      ({ socket, header }) => {
        const whole = Buffer.concat(
          encodeResponseFrame(Metadata, header.apiVersion, header.correlationId, {}),
        )
        const cut = whole.subarray(0, whole.length - 3)
        cut.writeInt32BE(cut.length - 4)
        socket.write(cut)
      },
    ],
    [
      'an array that claims 2^31 entries',
      'MALFORMED_RESPONSE',
      ({ socket, header }) => {
        const frame = Buffer.alloc(200)
        frame.writeInt32BE(frame.length - 4)
        frame.writeInt32BE(header.correlationId, 4)
        frame.fill(0xff, 9, 18)
        socket.write(frame)
      },
    ],
    [
      'bytes after the body',
      'MALFORMED_RESPONSE',
      ({ socket, header }) => {
        const whole = Buffer.concat(
          encodeResponseFrame(Metadata, header.apiVersion, header.correlationId, {}),
        )
        const longer = Buffer.concat([whole, Buffer.alloc(9)])
        longer.writeInt32BE(longer.length - 4)
        socket.write(longer)
      },
    ],
    ['the end of the connection', 'CONNECTION_LOST', ({ socket }) => socket.end()],
    ['a reset', 'CONNECTION_LOST', ({ socket }) => socket.resetAndDestroy()],
    [
      'the end in the middle of a frame',
      'CONNECTION_LOST',
      ({ socket }) => {
        socket.write(size(1_000))
        socket.end(Buffer.alloc(500))
      },
    ],
  ]
  for (const [what, code, script] of closed) {
    test(`${what}: the request fails and the connection is closed`, async () => {
      const outcome = await askMetadata(script)
      assert.deepEqual({ code: outcome.code, isOpen: outcome.isOpen }, { code, isOpen: false })
    })
  }

  test('silence: the request times out and the connection is given up', async () => {
    const outcome = await askMetadata(() => {})
    assert.equal(outcome.code, 'REQUEST_TIMEOUT')
    assert.equal(outcome.isOpen, false)
  })

  test('half a frame, then silence: the request times out', async () => {
    const outcome = await askMetadata(({ socket }) => {
      socket.write(size(MIB))
      socket.write(Buffer.alloc(MIB / 2))
    })
    assert.equal(outcome.code, 'REQUEST_TIMEOUT')
    assert.ok(outcome.tookMs >= 250)
  })

  test('a frame above the limit of the connection', async () => {
    const script: Script[number] = ({ socket }) => socket.write(size(2 * MIB))
    assert.equal((await askMetadata(script, { frameBytesMax: MIB })).code, 'MALFORMED_RESPONSE')
  })

  test('an announced frame costs no memory before its bytes have come', async () => {
    const before = process.memoryUsage.rss()
    await askMetadata(({ socket }) => socket.write(size(128 * MIB)))
    assert.ok(process.memoryUsage.rss() - before < 64 * MIB)
  })

  test('the others in flight are told that they may have been executed', async () => {
    const script: Script[number] = ({ socket, header }) => {
      if (header.correlationId === 2) socket.write(size(-1))
    }
    await using broker = await ScriptedBroker.start({ [Metadata.key]: script })
    const connection = await Connection.open({ address: broker.address, clientId: 'test', ...times })
    const all = await Promise.allSettled([1, 2, 3].map(() => connection.send(Metadata, { topics: null })))
    const errors = all.map((result) =>
      result.status === 'rejected' ? result.reason : assert.fail('answered'),
    )
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['MALFORMED_RESPONSE', 'CONNECTION_LOST', 'CONNECTION_LOST'],
    )
    assert.deepEqual(
      errors.map(({ retriable }) => retriable),
      [false, true, true],
    )
    assert.equal(errors[1].context.sent, true)
    await assert.rejects(connection.send(Metadata, { topics: null }), { code: 'MALFORMED_RESPONSE' })
  })
})

describe('a peer that never was a broker', () => {
  async function connectTo(serve: (socket: Socket) => void): Promise<{ code: string; message: string }> {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      serve(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const connection = await Connection.open({
        address: { host: '127.0.0.1', port },
        clientId: 'test',
        ...times,
      })
      connection.close()
      return assert.fail('connected')
    } catch (error) {
      return error as { code: string; message: string }
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  }

  for (const [what, greeting, speaks] of [
    ['a web server', 'HTTP/1.1 400 Bad Request\r\n\r\n', /speaks HTTP, not Kafka/],
    ['a secure shell', 'SSH-2.0-OpenSSH_9.2\r\n', /speaks SSH/],
    ['a mail server', '220 mail.example ESMTP\r\n', /SMTP/],
    ['Redis', '-ERR unknown command\r\n', /Redis/],
    ['noise', '\xff\xfe\xfd\xfc\xfb', /does not answer as a Kafka broker/],
  ] as const) {
    test(`${what} is recognised`, async () => {
      const error = await connectTo((socket) =>
        socket.on('data', () => socket.write(Buffer.from(greeting, 'latin1'))),
      )
      assert.equal(error.code, 'NOT_KAFKA')
      assert.match(error.message, speaks)
    })
  }

  test('one that says nothing is given up when time is up', async () => {
    const startedMs = performance.now()
    assert.equal((await connectTo(() => {})).code, 'CONNECT_TIMEOUT')
    assert.ok(performance.now() - startedMs < SOON_MS)
  })

  test('one that hangs up at once is a lost connection', async () => {
    assert.equal((await connectTo((socket) => socket.destroy())).code, 'CONNECTION_LOST')
  })

  test('before the handshake is over a large frame is refused', async () => {
    const large = Buffer.concat([size(2 * MIB), Buffer.alloc(64)])
    const error = await connectTo((socket) => socket.once('data', () => socket.write(large)))
    assert.equal(error.code, 'NOT_KAFKA')
  })

  test('one that answers ApiVersions with nonsense is no broker', async () => {
    const script: Script = { [ApiVersions.key]: ({ answer }) => answer(Metadata, {}) }
    await using broker = await ScriptedBroker.start(script)
    const opening = Connection.open({ address: broker.address, clientId: 'test', ...times })
    await assert.rejects(opening, { code: 'NOT_KAFKA' })
  })

  test('one that serves nothing is told from one that serves too little', async () => {
    const few = allVersions().filter(({ apiKey }) => apiKey !== Metadata.key)
    await using broker = await ScriptedBroker.start({
      [ApiVersions.key]: ({ answer }) => answer(ApiVersions, { apiKeys: few }),
    })
    const connection = await Connection.open({ address: broker.address, clientId: 'test', ...times })
    await assert.rejects(connection.send(Metadata, { topics: [] }), { code: 'UNSUPPORTED_BY_BROKER' })
    connection.close()
  })
})
