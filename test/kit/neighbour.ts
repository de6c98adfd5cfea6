import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { encodeRequestFrame } from '../../src/wire/api.ts'
import { Metadata } from '../../src/wire/apis/003-metadata.ts'
import { Heartbeat } from '../../src/wire/apis/012-heartbeat.ts'
import { dial, until } from './live-route.ts'

export const header = { correlationId: 7, clientId: 'hostile' }
export const metadata = Buffer.concat(encodeRequestFrame(Metadata, 9, header, { topics: null }))
export const heartbeat = Buffer.concat(encodeRequestFrame(Heartbeat, 3, header, { groupId: 'g' }))

/** A frame that says it is so long, and is not. */
export function sized(bytes: number, content: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(bytes)
  return Buffer.concat([size, content])
}

/** A client that asks for metadata again and again and has to be answered each time. */
export class Neighbour {
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
