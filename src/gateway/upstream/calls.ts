import type { Socket } from 'node:net'
import type { HandshakeCall } from '../../client/handshake.ts'
import { decodeResponseFrame, encodeRequestFrame } from '../../wire/api.ts'
import { FrameStream } from '../frames/frame-stream.ts'
import { ANSWER_HEAD_BYTES } from '../frames/request-head.ts'

const ANSWER_BYTES_MAX = 1024 * 1024
const SIZE_BYTES = 4

/** Requests of the gateway itself on a connection to a broker, one at a time, before it belongs to a client. */
export class Calls {
  readonly #socket: Socket
  readonly #answers: FrameStream
  #waiting: { resolve: (frame: Buffer) => void; reject: (error: unknown) => void } | null = null
  #correlationId = 0

  constructor(socket: Socket) {
    this.#socket = socket
    this.#answers = new FrameStream(
      {
        begin: () => 'whole',
        whole: (frame) => this.#answered(frame),
        piece: () => {},
      },
      { headBytes: ANSWER_HEAD_BYTES, frameBytesMax: ANSWER_BYTES_MAX },
    )
  }

  readonly call: HandshakeCall = async (api, version, body, decode) => {
    const header = { correlationId: ++this.#correlationId, clientId: 'kmc-gateway' }
    const answer = await this.frame(encodeRequestFrame(api, version, header, body))
    const content = answer.subarray(SIZE_BYTES)
    return decode === undefined ? decodeResponseFrame(api, version, content).body : decode(content)
  }

  /** Sends a frame as it is and gives the answer, both with their sizes. */
  frame(chunks: readonly Buffer[]): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      for (const chunk of chunks) this.#socket.write(chunk)
    })
  }

  /** Bytes of the broker. An impossible frame rejects the call that waits. */
  feed(bytes: Buffer): void {
    try {
      this.#answers.feed(bytes)
    } catch (error) {
      this.fail(error)
    }
  }

  fail(error: unknown): void {
    this.#waiting?.reject(error)
    this.#waiting = null
  }

  #answered(frame: Buffer): void {
    this.#waiting?.resolve(frame)
    this.#waiting = null
  }
}
