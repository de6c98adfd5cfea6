import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import {
  type Api,
  decodeRequestHeader,
  encodeResponseFrame,
  type Input,
  type RequestHeader,
} from '../../src/wire/api.ts'
import { Metadata } from '../../src/wire/apis/003-metadata.ts'
import { ApiVersions } from '../../src/wire/apis/018-api-versions.ts'
import { apiList } from '../../src/wire/apis/index.ts'

/** One request as the script sees it. */
export type ScriptedRequest = {
  readonly header: RequestHeader
  /** The frame without its size. */
  readonly frame: Buffer
  readonly socket: Socket
  /** Reads the body. */
  readonly body: <Req, Res>(api: Api<Req, Res>) => Req
  /** Sends an answer of the request's version, or of another. */
  readonly answer: <Req, Res>(api: Api<Req, Res>, body: Input<Res>, version?: number) => void
}

export type Script = Readonly<Record<number, (request: ScriptedRequest) => void>>

/** `cutImpossibleSizes`: hangs up, as a broker does, when the first bytes of a frame are no size. */
type Manners = { readonly cutImpossibleSizes?: boolean }

/** Kafka's default of socket.request.max.bytes. */
const REQUEST_BYTES_MAX = 104_857_600

export const SCRIPTED_CLUSTER_ID = 'scripted-cluster-id-00'

/** Answers that every broker gives; a script may put others in their place. */
const usual: Script = {
  [ApiVersions.key]: (request) => request.answer(ApiVersions, { apiKeys: allVersions() }),
  [Metadata.key]: ({ socket, answer }) => {
    const { address: host, port } = socket.address() as AddressInfo
    answer(Metadata, {
      clusterId: SCRIPTED_CLUSTER_ID,
      controllerId: 1,
      brokers: [{ nodeId: 1, host, port }],
    })
  },
}

/** A TCP server that speaks Kafka's frames and otherwise does what a test tells it to. */
export class ScriptedBroker implements AsyncDisposable {
  readonly requests: RequestHeader[] = []
  readonly sockets = new Set<Socket>()
  readonly #server: Server
  readonly #script: Script

  readonly #isKafkaLike: boolean

  private constructor(script: Script, tls: TlsOptions | undefined, { cutImpossibleSizes = false }: Manners) {
    this.#script = { ...usual, ...script }
    this.#isKafkaLike = cutImpossibleSizes
    const serve = (socket: Socket): void => this.#serve(socket)
    this.#server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve)
  }

  static start(script: Script = {}, tls?: TlsOptions, manners: Manners = {}): Promise<ScriptedBroker> {
    const broker = new ScriptedBroker(script, tls, manners)
    const { promise, resolve } = Promise.withResolvers<ScriptedBroker>()
    broker.#server.listen(0, '127.0.0.1', () => resolve(broker))
    return promise
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  get bootstrap(): readonly string[] {
    return [`127.0.0.1:${this.port}`]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket)
    socket.on('close', () => this.sockets.delete(socket))
    // A test that cuts the connection leaves one side with a reset.
    socket.on('error', () => socket.destroy())
    let received = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      if (this.#isKafkaLike && received.length >= 4 && received.readUInt32BE(0) > REQUEST_BYTES_MAX)
        socket.destroy()
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0)
        const frame = received.subarray(4, end)
        received = received.subarray(end)
        this.#handle(frame, socket)
      }
    })
  }

  #handle(frame: Buffer, socket: Socket): void {
    const header = decodeRequestHeader(frame)
    this.requests.push(header)
    this.#script[header.apiKey]?.({
      header,
      frame,
      socket,
      body: (api) => api.request.decode(header.apiVersion, frame.subarray(header.bodyAt)),
      answer: (api, body, version = header.apiVersion) => {
        for (const chunk of encodeResponseFrame(api, version, header.correlationId, body)) socket.write(chunk)
      },
    })
  }
}

/** Everything that kmc speaks, in all its versions. */
export function allVersions(): { apiKey: number; minVersion: number; maxVersion: number }[] {
  return apiList.map(({ key, min, max }) => ({ apiKey: key, minVersion: min, maxVersion: max }))
}
