import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitUntil } from '../../harness/wait.ts'
import { FaultProxy } from './proxy.ts'

const SOON = { withinMs: 10_000, everyMs: 10 }
const brokers: Socket[] = []
/** Answers with what it gets; keeps its connections to be looked at. */
const echo = createServer((socket) => {
  brokers.push(socket)
  socket.on('error', () => {})
  socket.on('data', (bytes) => socket.write(bytes))
})
await once(echo.listen(0, '127.0.0.1'), 'listening')
const proxy = await FaultProxy.start(0, (echo.address() as AddressInfo).port)
after(async () => {
  await proxy.stop()
  echo.close()
})

class Client {
  readonly socket: Socket
  received = Buffer.alloc(0)
  error: string | null = null
  isEnded = false

  constructor() {
    this.socket = connect({ host: '127.0.0.1', port: proxy.port })
    this.socket.on('data', (bytes) => {
      this.received = Buffer.concat([this.received, bytes])
    })
    this.socket.on('end', () => {
      this.isEnded = true
    })
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message
    })
  }

  /** Sends and waits for the echo of all that was ever sent. */
  async exchange(bytes: Buffer): Promise<void> {
    const wanted = this.received.length + bytes.length
    this.socket.write(bytes)
    await waitUntil('the echo', () => this.received.length >= wanted, SOON)
    assert.deepEqual(this.received.subarray(wanted - bytes.length), bytes)
  }

  async isReset(): Promise<void> {
    await waitUntil('a reset', () => this.error === 'ECONNRESET', SOON)
  }
}

async function connected(): Promise<Client> {
  const client = new Client()
  await client.exchange(Buffer.from('hello'))
  return client
}

const block = Buffer.alloc(300_000, 'abcdefghij')

test('passes bytes unchanged, and the end of a connection', async () => {
  const client = await connected()
  await client.exchange(block)
  client.socket.end()
  await waitUntil('the connection is forgotten', () => proxy.connections === 0, SOON)
})

test('a cut resets what there is and refuses what comes, until it heals', async () => {
  const client = await connected()
  proxy.cut()
  await client.isReset()
  await new Client().isReset()
  proxy.heal()
  await connected()
})

test('a held direction delivers afterwards, in order and whole', async () => {
  for (const direction of ['toBroker', 'fromBroker'] as const) {
    const client = await connected()
    proxy.become({ held: true }, direction)
    const echoed = client.exchange(block)
    await sleep(100)
    assert.equal(client.received.length, 5)
    proxy.heal()
    await echoed
  }
})

test('delay with jitter, and a narrow path, are late and lose nothing', async () => {
  const client = await connected()
  for (const conditions of [{ delayMs: 40, jitterMs: 30 }, { bytesPerSecond: 1_000_000 }]) {
    proxy.become(conditions)
    const startedAt = performance.now()
    for (let at = 0; at < block.length; at += 100_000) await client.exchange(block.subarray(at, at + 100_000))
    assert.ok(performance.now() - startedAt > 200)
    proxy.heal()
  }
})

test('a reset in mid-frame delivers a part and no more', async () => {
  const client = await connected()
  proxy.resetInMidFrame('fromBroker')
  client.socket.write(block)
  await client.isReset()
  assert.ok(client.received.length < block.length)
})

test('a slow close reaches the broker at once and the client later', async () => {
  const client = await connected()
  const broker = brokers.at(-1)!
  proxy.closeSlowly(300)
  await waitUntil('the broker sees the end', () => broker.readableEnded, SOON)
  assert.ok(!client.isEnded)
  await waitUntil('the client sees the end', () => client.isEnded, SOON)
})

test('a half-open connection is silent for ever, a new one works', async () => {
  const client = await connected()
  const broker = brokers.at(-1)!
  proxy.leaveHalfOpen()
  await waitUntil('the broker sees the end', () => broker.destroyed || broker.readableEnded, SOON)
  client.socket.write(block)
  await connected()
  assert.deepEqual([client.received.length, client.isEnded, client.error], [5, false, null])
  client.socket.destroy()
})
