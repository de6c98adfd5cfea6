import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Script, ScriptedBroker, type ScriptedRequest } from '../../test/kit/scripted-broker.ts'
import { Secret } from '../base/secret.ts'
import { Metadata } from '../wire/apis/003-metadata.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'
import { SaslAuthenticate } from '../wire/apis/036-sasl-authenticate.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import type { ClientError } from './errors.ts'

const ask = { topics: [] }

function open(broker: ScriptedBroker, more: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const times = { connectTimeoutMs: 5_000, requestTimeoutMs: 5_000 }
  return Connection.open({ address: broker.address, clientId: 'test', ...times, ...more })
}

/** Keeps Metadata requests until the test answers them, with their number as controller id. */
class Kept {
  readonly requests: ScriptedRequest[] = []
  readonly script: Script = { [Metadata.key]: (request) => void this.requests.push(request) }

  async await(count: number): Promise<void> {
    while (this.requests.length < count) await delay(1)
  }

  answer(index: number): void {
    this.requests[index]!.answer(Metadata, { controllerId: index })
  }
}

test('requests are pipelined and each gets its answer', async () => {
  const kept = new Kept()
  await using broker = await ScriptedBroker.start(kept.script)
  const connection = await open(broker)
  const answers = [0, 1, 2].map(() => connection.send(Metadata, ask))
  await kept.await(3)
  assert.equal(connection.pendingCount, 3)
  for (const index of [0, 1, 2]) kept.answer(index)
  assert.deepEqual(
    (await Promise.all(answers)).map(({ controllerId }) => controllerId),
    [0, 1, 2],
  )
  assert.equal(connection.pendingCount, 0)
  assert.equal(connection.traffic.requests, 4)
  assert.ok(connection.traffic.bytesReceived > 0 && connection.traffic.bytesSent > 0)
  connection.close()
})

test('no more are in flight than allowed', async () => {
  const kept = new Kept()
  await using broker = await ScriptedBroker.start(kept.script)
  const connection = await open(broker, { limits: { inFlightRequestsMax: 2 } })
  const answers = [0, 1, 2].map(() => connection.send(Metadata, ask))
  await kept.await(2)
  await delay(20)
  assert.equal(kept.requests.length, 2)
  kept.answer(0)
  await kept.await(3)
  kept.answer(1)
  kept.answer(2)
  await Promise.all(answers)
  connection.close()
})

test('the version asked for is the one that is spoken', async () => {
  await using broker = await ScriptedBroker.start()
  const connection = await open(broker)
  await connection.send(Metadata, ask, { version: 5 })
  await connection.send(Metadata, ask)
  assert.deepEqual(
    broker.requests.slice(1).map(({ apiVersion }) => apiVersion),
    [5, Metadata.versions.max],
  )
  assert.deepEqual(
    broker.requests.map(({ clientId }) => clientId),
    ['test', 'test', 'test'],
  )
  connection.close()
})

describe('time', () => {
  test('a late answer to one request does not disturb the next', async () => {
    const kept = new Kept()
    await using broker = await ScriptedBroker.start(kept.script)
    const connection = await open(broker)
    const other = connection.send(Metadata, ask)
    const late = connection.send(Metadata, ask, { timeoutMs: 60 })
    const last = connection.send(Metadata, ask)
    await kept.await(3)
    kept.answer(0)
    await other
    await assert.rejects(late, { code: 'REQUEST_TIMEOUT', retriable: true })
    assert.equal(connection.isOpen, true)
    kept.answer(1)
    kept.answer(2)
    assert.equal((await last).controllerId, 2)
    connection.close()
  })

  test('a request that could not be sent in time says so', async () => {
    const kept = new Kept()
    await using broker = await ScriptedBroker.start(kept.script)
    const connection = await open(broker, { limits: { inFlightRequestsMax: 1 } })
    const first = connection.send(Metadata, ask)
    const second = connection.send(Metadata, ask, { timeoutMs: 30 })
    await assert.rejects(
      second,
      (error: ClientError) => error.code === 'REQUEST_TIMEOUT' && error.context.sent === false,
    )
    kept.answer(0)
    await first
    assert.equal(kept.requests.length, 1)
    connection.close()
  })
})

describe('a caller who gives up', () => {
  test('hears so at once, and the others are not disturbed', async () => {
    const kept = new Kept()
    await using broker = await ScriptedBroker.start(kept.script)
    const connection = await open(broker)
    const controller = new AbortController()
    const given = connection.send(Metadata, ask, { signal: controller.signal })
    const other = connection.send(Metadata, ask)
    await kept.await(2)
    controller.abort()
    await assert.rejects(given, { code: 'REQUEST_ABORTED' })
    kept.answer(0)
    kept.answer(1)
    assert.equal((await other).controllerId, 1)
    await assert.rejects(connection.send(Metadata, ask, { signal: controller.signal }), {
      code: 'REQUEST_ABORTED',
    })
    assert.equal(kept.requests.length, 2)
    connection.close()
  })

  test('while connecting', async () => {
    await using broker = await ScriptedBroker.start({ [ApiVersions.key]: () => {} })
    const controller = new AbortController()
    const opening = open(broker, { signal: controller.signal })
    setTimeout(() => controller.abort(), 30)
    await assert.rejects(opening, { code: 'REQUEST_ABORTED' })
    await assert.rejects(open(broker, { signal: controller.signal }), { code: 'REQUEST_ABORTED' })
  })
})

test('closing rejects what is pending and tells who listens', async () => {
  const kept = new Kept()
  await using broker = await ScriptedBroker.start(kept.script)
  const connection = await open(broker)
  const reasons: string[] = []
  connection.onClose(({ code }) => reasons.push(code))
  const pending = connection.send(Metadata, ask)
  connection.close()
  await assert.rejects(pending, { code: 'CONNECTION_CLOSED' })
  await assert.rejects(connection.send(Metadata, ask), { code: 'CONNECTION_CLOSED' })
  connection.onClose(({ code }) => reasons.push(`late ${code}`))
  assert.deepEqual(reasons, ['CONNECTION_CLOSED', 'late CONNECTION_CLOSED'])
})

describe('a session that ends (KIP-368)', () => {
  const sasl = { mechanism: 'PLAIN', username: 'u', password: new Secret('p') } as const

  /** Lets in everybody for `lifetimeMs`, until it is told to refuse. */
  function saslScript(lifetimeMs: number, isRefused = () => false): Script {
    return {
      [SaslHandshake.key]: ({ answer }) => answer(SaslHandshake, { mechanisms: ['PLAIN'] }),
      [SaslAuthenticate.key]: ({ answer }) => {
        const errorCode = isRefused() ? 58 : 0
        setTimeout(() => answer(SaslAuthenticate, { errorCode, sessionLifetimeMs: lifetimeMs }), 10)
      },
    }
  }

  test('is renewed in time, and no request falls between the messages or is lost', async () => {
    await using broker = await ScriptedBroker.start(saslScript(120))
    const connection = await open(broker, { sasl })
    const answers: Promise<unknown>[] = []
    const untilMs = performance.now() + 600
    while (performance.now() < untilMs) {
      answers.push(connection.send(Metadata, ask))
      await delay(1)
    }
    await Promise.all(answers)
    const keys = broker.requests.map(({ apiKey }) => apiKey)
    const handshakes = keys.flatMap((key, at) => (key === SaslHandshake.key ? [at] : []))
    assert.ok(handshakes.length >= 4, `${handshakes.length} authentications`)
    for (const at of handshakes) assert.equal(keys[at + 1], SaslAuthenticate.key)
    assert.equal(keys.filter((key) => key === Metadata.key).length, answers.length)
    connection.close()
  })

  test('costs nothing while nobody sends', async () => {
    await using broker = await ScriptedBroker.start(saslScript(30))
    const connection = await open(broker, { sasl })
    const before = broker.requests.length
    await delay(100)
    assert.equal(broker.requests.length, before)
    await connection.send(Metadata, ask)
    connection.close()
  })

  test('that is not renewed closes the connection with the reason', async () => {
    let isRefused = false
    await using broker = await ScriptedBroker.start(saslScript(30, () => isRefused))
    const connection = await open(broker, { sasl })
    isRefused = true
    await delay(40)
    await assert.rejects(connection.send(Metadata, ask), { code: 'AUTHENTICATION_FAILED', retriable: false })
    assert.equal(connection.isOpen, false)
  })
})
