import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { dial, startTestRoute, until } from '../../test/kit/live-route.ts'
import { ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import { encodeRequestFrame } from '../wire/api.ts'
import { Fetch } from '../wire/apis/001-fetch.ts'
import { Heartbeat } from '../wire/apis/012-heartbeat.ts'
import { ApiVersions } from '../wire/apis/018-api-versions.ts'

/** Flow control on live sockets: who sends too much waits, and goes on. */

const MIB = 1024 * 1024

const heartbeat = (correlationId: number) =>
  Buffer.concat(
    encodeRequestFrame(Heartbeat, 3, { correlationId, clientId: 'c'.repeat(200) }, { groupId: 'g' }),
  )

/** An answer of a fetch in which every byte tells whose it is. */
function fetchAnswer(correlationId: number, bytes: number): Buffer {
  const frame = Buffer.alloc(bytes, correlationId)
  frame.writeInt32BE(bytes - 4, 0)
  frame.writeInt32BE(correlationId, 4)
  return frame
}

test('a client that has asked for more than may be owed goes on as answers come', async () => {
  const asked: { socket: Socket; correlationId: number }[] = []
  await using broker = await ScriptedBroker.start({
    [Heartbeat.key]: ({ socket, header }) => {
      asked.push({ socket, correlationId: header.correlationId })
    },
  })
  const limits = { owedAnswers: 10, parkedBytesPerConnection: 2_048 }
  await using running = await startTestRoute(broker.bootstrap, { limits })
  const client = await dial(running.port)
  client.write(Buffer.concat(encodeRequestFrame(ApiVersions, 0, { correlationId: 0, clientId: 'c' }, {})))
  await once(client, 'data')
  const count = 2_000
  let received = 0
  client.on('data', (bytes: Buffer) => {
    received += bytes.length
  })
  client.write(Buffer.concat(Array.from({ length: count }, (_, at) => heartbeat(at))))
  const sizeOfAnswer = 14
  for (let answered = 0; answered < count; ) {
    await until(() => asked.length > 0)
    assert.ok(asked.length <= limits.owedAnswers)
    assert.ok(running.route.status().parkedBytes < 256 * 1024)
    for (const { socket, correlationId } of asked.splice(0)) {
      const answer = Buffer.alloc(sizeOfAnswer)
      answer.writeInt32BE(sizeOfAnswer - 4, 0)
      answer.writeInt32BE(correlationId, 4)
      socket.write(answer)
      answered++
    }
  }
  await until(() => received === count * sizeOfAnswer)
  client.destroy()
})

test('large answers to clients that read at different speeds are not mixed up', async () => {
  await using broker = await ScriptedBroker.start({
    [Fetch.key]: ({ socket, header }) => {
      const answer = fetchAnswer(header.correlationId, 3 * MIB + header.correlationId)
      // In pieces of many sizes, so that some are read into a large buffer and some are not.
      let piece = 1_000
      for (let at = 0; at < answer.length; at += piece, piece = (piece * 3) % 300_007)
        socket.write(answer.subarray(at, at + piece))
    },
  })
  await using running = await startTestRoute(broker.bootstrap)
  const reading = Array.from({ length: 6 }, async (_, index) => {
    const client = await dial(running.port)
    const mine = [10 * index + 1, 10 * index + 2, 10 * index + 3]
    for (const correlationId of mine)
      client.write(Buffer.concat(encodeRequestFrame(Fetch, 12, { correlationId, clientId: 'c' }, {})))
    const expected = Buffer.concat(mine.map((id) => fetchAnswer(id, 3 * MIB + id)))
    const chunks: Buffer[] = []
    let length = 0
    for await (const chunk of client as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= expected.length) break
      if (index % 2 === 1 && chunks.length % 7 === 0) await sleep(5)
    }
    return Buffer.compare(Buffer.concat(chunks), expected) === 0
  })
  assert.deepEqual(await Promise.all(reading), new Array(6).fill(true))
})
