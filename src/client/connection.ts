import { type KmcError, messageOf } from '../base/error.ts'
import type { Api, Input } from '../wire/api.ts'
import { decodeResponseFrame, encodeRequestFrame } from '../wire/api.ts'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import type { AnswerMemo } from './answer-memo.ts'
import { Channel, type ChannelLimits, type Traffic } from './channel.ts'
import { nowMs } from './clock.ts'
import type { SaslConfig } from './config.ts'
import { abortedError, Deadline } from './deadline.ts'
import { ClientError, isClientError } from './errors.ts'
import { explainFailure } from './explain-failure.ts'
import type { FramePool } from './frame-pool.ts'
import { authenticateOver, type HandshakeCall, negotiate } from './handshake.ts'
import { FRAME_BYTES_MAX } from './limits.ts'
import type { PipelineRequest, Ticket } from './pipeline.ts'
import type { TlsSettings } from './tls.ts'
import type { BrokerVersions } from './versions.ts'

export type ConnectionOptions = {
  readonly address: Address
  readonly tls?: TlsSettings | undefined
  readonly sasl?: SaslConfig | undefined
  readonly clientId: string
  /** For everything until the connection is ready: TCP, TLS, ApiVersions, SASL. */
  readonly connectTimeoutMs: number
  /** For requests that name no deadline. */
  readonly requestTimeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly frameBytesMax?: number
  readonly limits?: ChannelLimits
  /** Where the memory of large answers comes from; without one each gets its own. */
  readonly framePool?: FramePool | undefined
}

export type SendOptions<Res = unknown> = {
  /** The highest version to use; the highest that both sides speak when left out. */
  readonly version?: number | undefined
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** For a question that is mostly answered with the same bytes. */
  readonly memo?: AnswerMemo<Res>
}

/** KIP-368: authenticate again when this share of the session has passed; Java clients do so at 0.85 to 0.95. */
const SESSION_SHARE = 0.85

/**
 * A connection to one broker, ready for requests: TLS done, versions known, authenticated. Requests are pipelined
 * and answered in order, each has a deadline, and when the connection breaks each is rejected. A session that ends
 * (KIP-368) is renewed before the first request of its last part; requests wait meanwhile and none is lost.
 */
export class Connection {
  readonly address: Address
  readonly versions: BrokerVersions
  readonly #channel: Channel
  readonly #options: ConnectionOptions
  #renewAtMs = Number.POSITIVE_INFINITY

  private constructor(options: ConnectionOptions, channel: Channel, versions: BrokerVersions) {
    this.address = options.address
    this.versions = versions
    this.#options = options
    this.#channel = channel
  }

  /**
   * Errors: CONNECTION_REFUSED, HOST_UNKNOWN, CONNECT_TIMEOUT, CONNECTION_LOST (retriable); TLS_UNTRUSTED,
   * TLS_FAILED, NOT_KAFKA, AUTHENTICATION_FAILED, UNSUPPORTED_BY_BROKER, REQUEST_ABORTED (not).
   */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { address, tls, signal, limits, framePool, connectTimeoutMs: timeoutMs } = options
    const what = `Connecting to ${formatAddress(address)}`
    using deadline = new Deadline({ what, timeoutMs, signal, timeoutError: () => notReady(options) })
    let channel: Channel | undefined
    try {
      channel = await Channel.open({ address, tls, signal: deadline.signal, limits, framePool })
      return await deadline.race(Connection.#start(options, channel))
    } catch (error) {
      const failure = await explainFailure(error, options, channel?.traffic.bytesReceived ?? 0)
      channel?.close(failure)
      throw failure
    }
  }

  static async #start(options: ConnectionOptions, channel: Channel): Promise<Connection> {
    const versions = await negotiate(urgentCall(channel, options), options.address)
    const connection = new Connection(options, channel, versions)
    await connection.#authenticate()
    channel.trust(options.frameBytesMax ?? FRAME_BYTES_MAX)
    channel.release()
    return connection
  }

  get isOpen(): boolean {
    return this.#channel.closedBy === null
  }

  /** Requests not yet answered, those in line included. */
  get pendingCount(): number {
    return this.#channel.pendingCount
  }

  get traffic(): Traffic {
    return this.#channel.traffic
  }

  /**
   * Sends one request and gives its answer. Buffers inside `body` are written by reference: leave them unchanged
   * until the promise settles. Errors: REQUEST_TIMEOUT, CONNECTION_LOST, CONNECTION_OVERLOADED, REQUEST_ABORTED,
   * MALFORMED_RESPONSE, UNSUPPORTED_BY_BROKER, CONNECTION_CLOSED, and WIRE_* for a body that cannot be encoded.
   * `context.sent` of the first two says whether the broker may have executed it.
   */
  send<Req, Res>(api: Api<Req, Res>, body: Input<Req>, options: SendOptions<Res> = {}): Promise<Res> {
    return new Promise<Res>((resolve, reject) => {
      const version = this.versions.pick(api, options.version)
      const { signal, memo } = options
      if (nowMs() >= this.#renewAtMs) this.#renew()
      const timeoutMs = options.timeoutMs ?? this.#options.requestTimeoutMs
      const read = (frame: Buffer) => decodeResponseFrame(api, version, frame).body
      const decode = memo === undefined ? read : (frame: Buffer) => memo.read(frame, read)
      const form = { clientId: this.#options.clientId, timeoutMs, resolve, reject, decode }
      if (signal === undefined) this.#channel.submit(pipelineRequest(api, version, body, form))
      else submitAbortable(this.#channel, pipelineRequest(api, version, body, form), signal)
    })
  }

  /** Runs once, when the connection closes for whatever reason; at once when it already is closed. */
  onClose(listener: (reason: KmcError) => void): void {
    this.#channel.onClose(listener)
  }

  /** Rejects what is pending with `reason` and closes the socket. */
  close(reason?: KmcError): void {
    this.#channel.close(reason ?? closedByUs(this.address))
  }

  /** Holds ordinary requests while the session is renewed; what was sent before is answered first, in order. */
  #renew(): void {
    this.#renewAtMs = Number.POSITIVE_INFINITY
    this.#channel.hold()
    this.#authenticate().then(
      () => this.#channel.release(),
      (error: unknown) => this.#channel.close(renewalFailed(error, this.address)),
    )
  }

  async #authenticate(): Promise<void> {
    const { sasl, address } = this.#options
    if (sasl === undefined) return
    // The life counts from before the exchange: the broker's own start lies somewhere inside it.
    const startedMs = nowMs()
    const call = urgentCall(this.#channel, this.#options)
    const { sessionLifetimeMs } = await authenticateOver(call, this.versions, sasl, address)
    if (sessionLifetimeMs > 0) this.#renewAtMs = startedMs + sessionLifetimeMs * SESSION_SHARE
  }
}

/** Requests of the handshake go past the line, but are answered after what was sent before: a long poll, say. */
function urgentCall(channel: Channel, options: ConnectionOptions): HandshakeCall {
  const { clientId, connectTimeoutMs, requestTimeoutMs } = options
  const timeoutMs = connectTimeoutMs + requestTimeoutMs
  return (api, version, body, decode) =>
    new Promise((resolve, reject) => {
      channel.submitUrgent(
        pipelineRequest(api, version, body, { clientId, timeoutMs, resolve, reject, decode }),
      )
    })
}

function submitAbortable(channel: Channel, request: PipelineRequest, signal: AbortSignal): void {
  if (signal.aborted) {
    request.reject(abortedError(request.name, signal))
    return
  }
  let ticket: Ticket | undefined
  const onAbort = (): void => ticket?.abandon(abortedError(request.name, signal))
  const settling =
    <T>(settle: (outcome: T) => void) =>
    (outcome: T): void => {
      signal.removeEventListener('abort', onAbort)
      settle(outcome)
    }
  signal.addEventListener('abort', onAbort, { once: true })
  ticket = channel.submit({
    ...request,
    resolve: settling(request.resolve),
    reject: settling(request.reject),
  })
}

type RequestForm<Res> = {
  readonly clientId: string
  readonly timeoutMs: number
  readonly resolve: (body: Res) => void
  readonly reject: (error: unknown) => void
  readonly decode?: ((frame: Buffer) => Res) | undefined
}

function pipelineRequest<Req, Res>(
  api: Api<Req, Res>,
  version: number,
  body: Input<Req>,
  { clientId, timeoutMs, resolve, reject, decode }: RequestForm<Res>,
): PipelineRequest {
  return {
    name: api.name,
    timeoutMs,
    deadlineMs: nowMs() + timeoutMs,
    encode: (correlationId) => encodeRequestFrame(api, version, { correlationId, clientId }, body),
    decode: decode ?? ((frame) => decodeResponseFrame(api, version, frame).body),
    resolve: resolve as (body: unknown) => void,
    reject,
  }
}

function notReady({ address, connectTimeoutMs }: ConnectionOptions): ClientError {
  const where = formatAddress(address)
  const message = `The connection to ${where} was not ready within ${connectTimeoutMs} ms.`
  return new ClientError('CONNECT_TIMEOUT', message, { context: { address: where, connectTimeoutMs } })
}

function closedByUs(address: Address): ClientError {
  return new ClientError(
    'CONNECTION_CLOSED',
    `The connection to ${formatAddress(address)} was closed by kmc.`,
  )
}

/** A refusal is told as it is; anything else has only cost the connection. */
function renewalFailed(error: unknown, address: Address): KmcError {
  if (isClientError(error, 'AUTHENTICATION_FAILED')) return error
  const message = `The session with ${formatAddress(address)} could not be renewed: ${messageOf(error)}`
  return new ClientError('CONNECTION_LOST', message, { cause: error })
}
