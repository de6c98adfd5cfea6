import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KmcError } from '../base/error.ts'
import type { Connection } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import { ClientError } from './errors.ts'

const limits = { timeoutMs: 5_000 }

/** Stands for a connection: what the pool asks of one is when it closes. */
class FakeConnection {
  readonly address = { host: 'fake', port: 1 }
  readonly #listeners: ((reason: KmcError) => void)[] = []
  readonly closed: KmcError[] = []

  onClose(listener: (reason: KmcError) => void): void {
    this.#listeners.push(listener)
  }

  close(reason = new ClientError('CONNECTION_LOST', 'cut')): void {
    this.closed.push(reason)
    for (const listener of this.#listeners.splice(0)) listener(reason)
  }
}

function poolOf(open: (nodeId: number, signal: AbortSignal) => Promise<FakeConnection>): ConnectionPool {
  return new ConnectionPool(open as unknown as ConstructorParameters<typeof ConnectionPool>[0])
}

const asFake = (connection: Connection): FakeConnection => connection as unknown as FakeConnection

describe('lanes', () => {
  test('those who ask at the same time share one opening, and lanes are apart', async () => {
    let opened = 0
    const pool = poolOf(async () => {
      opened++
      return new FakeConnection()
    })
    const [a, b] = await Promise.all([pool.get(1, 'x', limits), pool.get(1, 'x', limits)])
    const c = await pool.get(1, 'y', limits)
    const d = await pool.get(2, 'x', limits)
    assert.equal(opened, 3)
    assert.equal(a, b)
    assert.equal(new Set([a, c, d]).size, 3)
    assert.equal(pool.existing(1, 'x'), a)
    assert.equal(pool.existing(3, 'x'), undefined)
    assert.equal(pool.openNode('y'), 1)
    assert.equal(pool.openNode('z'), undefined)
  })

  test('a connection that broke is opened anew', async () => {
    const pool = poolOf(async () => new FakeConnection())
    const first = await pool.get(1, 'x', limits)
    asFake(first).close()
    assert.equal(pool.existing(1, 'x'), undefined)
    assert.notEqual(await pool.get(1, 'x', limits), first)
  })

  test('a connection opened elsewhere is taken over, unless there is one', async () => {
    const pool = poolOf(async () => new FakeConnection())
    const own = new FakeConnection() as unknown as Connection
    assert.equal(pool.adopt(1, 'x', own), true)
    assert.equal(await pool.get(1, 'x', limits), own)
    assert.equal(pool.adopt(1, 'x', new FakeConnection() as unknown as Connection), false)
  })
})

describe('a node that cannot be reached', () => {
  test('is tried again only after a growing pause', async () => {
    const triedAtMs: number[] = []
    const pool = poolOf(async () => {
      triedAtMs.push(performance.now())
      throw new ClientError('CONNECTION_REFUSED', 'down')
    })
    for (const _ of [1, 2, 3]) await assert.rejects(pool.get(1, 'x', limits), { code: 'CONNECTION_REFUSED' })
    const pauses = triedAtMs.slice(1).map((ms, at) => ms - triedAtMs[at]!)
    assert.equal(pool.failuresOf(1), 3)
    assert.ok(pauses[0]! >= 35 && pauses[1]! >= 70, String(pauses))
  })

  test('does not hold up who has little time, nor other nodes', async () => {
    const pool = poolOf((nodeId) =>
      nodeId === 1 ? new Promise(() => {}) : Promise.resolve(new FakeConnection()),
    )
    await assert.rejects(pool.get(1, 'x', { timeoutMs: 20 }), { code: 'CONNECT_TIMEOUT' })
    await pool.get(2, 'x', limits)
  })

  test('is forgiven once it answers', async () => {
    let isDown = true
    const pool = poolOf(async () => {
      if (isDown) throw new ClientError('CONNECTION_REFUSED', 'down')
      return new FakeConnection()
    })
    await assert.rejects(pool.get(1, 'x', limits))
    isDown = false
    await pool.get(1, 'x', limits)
    assert.equal(pool.failuresOf(1), 0)
  })
})

describe('giving up', () => {
  test('one caller’s abort leaves the opening to the others', async () => {
    const opening = Promise.withResolvers<FakeConnection>()
    const pool = poolOf(() => opening.promise)
    const controller = new AbortController()
    const impatient = pool.get(1, 'x', { ...limits, signal: controller.signal })
    const patient = pool.get(1, 'x', limits)
    controller.abort()
    await assert.rejects(impatient, { code: 'REQUEST_ABORTED' })
    const connection = new FakeConnection()
    opening.resolve(connection)
    assert.equal(await patient, connection)
  })

  test('closing closes all, and what is being opened too', async () => {
    const reason = new ClientError('CONNECTION_CLOSED', 'over')
    const opening = Promise.withResolvers<FakeConnection>()
    const pool = poolOf((nodeId) => (nodeId === 1 ? Promise.resolve(new FakeConnection()) : opening.promise))
    const open = await pool.get(1, 'x', limits)
    const late = pool.get(2, 'x', limits)
    pool.close(reason)
    const lateConnection = new FakeConnection()
    opening.resolve(lateConnection)
    await assert.rejects(late, { code: 'CONNECTION_CLOSED' })
    assert.deepEqual(asFake(open).closed, [reason])
    assert.deepEqual(lateConnection.closed, [reason])
    await assert.rejects(pool.get(1, 'x', limits), { code: 'CONNECTION_CLOSED' })
  })
})
