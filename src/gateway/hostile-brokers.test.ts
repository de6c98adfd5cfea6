import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, test } from 'node:test'
import { dial, startTestRoute, until } from '../../test/kit/live-route.ts'
import { header, heartbeat, metadata, Neighbour, sized } from '../../test/kit/neighbour.ts'
import { ScriptedBroker, type ScriptedRequest } from '../../test/kit/scripted-broker.ts'
import { Metadata } from '../wire/apis/003-metadata.ts'
import { Heartbeat } from '../wire/apis/012-heartbeat.ts'
import type { GatewayErrorCode } from './errors.ts'

/** Brokers that lie, on live sockets: their client is closed with a reason, and nobody else notices. */

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
