import type { Socket } from 'node:net'
import { KmcError, messageOf } from '../base/error.ts'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import { nowMs } from './clock.ts'
import { ClientError, isClientError } from './errors.ts'
import { FrameAssembler } from './frame-assembler.ts'
import type { FramePool } from './frame-pool.ts'
import * as limits from './limits.ts'
import { Pipeline, type PipelineRequest, type Stage, type Ticket } from './pipeline.ts'
import { socketError } from './socket-errors.ts'
import type { TlsSettings } from './tls.ts'
import { openTransport } from './transport.ts'

export type ChannelLimits = { readonly inFlightRequestsMax?: number; readonly inFlightBytesMax?: number }

export type ChannelOptions = {
  readonly address: Address
  readonly tls?: TlsSettings | undefined
  /** Gives the opening up; has no effect on an open channel. */
  readonly signal: AbortSignal
  readonly limits?: ChannelLimits | undefined
  readonly framePool?: FramePool | undefined
}

/** Running totals of one connection. */
export type Traffic = {
  readonly requests: number
  readonly bytesSent: number
  readonly bytesReceived: number
}

/**
 * One socket carrying pipelined requests and their answers, whatever they are: the edge around two state machines
 * without I/O, FrameAssembler (bytes to frames) and Pipeline (frames to requests). It starts held: only urgent
 * requests pass until `release`, and frames are kept small until `trust`.
 */
export class Channel {
  readonly address: Address
  readonly #assembler: FrameAssembler
  readonly #pipeline: Pipeline
  readonly #closeListeners = new Set<(reason: KmcError) => void>()
  #socket: Socket | null = null
  #closedBy: KmcError | null = null
  #sweepTimer: NodeJS.Timeout | undefined
  #sweepAtMs = Number.POSITIVE_INFINITY
  #lastReceivedMs = 0
  #requests = 0
  #bytesSent = 0
  #bytesReceived = 0

  private constructor(address: Address, bounds: ChannelLimits, framePool: FramePool | undefined) {
    this.address = address
    this.#assembler = new FrameAssembler(
      limits.HANDSHAKE_FRAME_BYTES_MAX,
      (frame) => this.#pipeline.receive(frame),
      framePool && ((sizeBytes) => framePool.take(sizeBytes)),
    )
    this.#pipeline = new Pipeline(
      { write: (chunks) => this.#write(chunks), nowMs },
      {
        inFlightRequestsMax: bounds.inFlightRequestsMax ?? limits.IN_FLIGHT_REQUESTS_MAX,
        inFlightBytesMax: bounds.inFlightBytesMax ?? limits.IN_FLIGHT_BYTES_MAX,
        waitingRequestsMax: limits.WAITING_REQUESTS_MAX,
        abandonedGraceMs: limits.ABANDONED_GRACE_MS,
      },
    )
  }

  /** Errors: those of `openTransport`. */
  static async open({ address, tls, signal, limits: bounds, framePool }: ChannelOptions): Promise<Channel> {
    const channel = new Channel(address, bounds ?? {}, framePool)
    channel.#socket = await openTransport({
      address,
      tls,
      signal,
      space: (scratch) => channel.#assembler.space(scratch),
      onBytes: (bytes) => channel.#receive(bytes),
      onClosed: (error) => channel.close(channel.#lostBy(error)),
    })
    return channel
  }

  /** Why the channel is closed; null while it is open. */
  get closedBy(): KmcError | null {
    return this.#closedBy
  }

  /** Requests not yet answered, those in line included. */
  get pendingCount(): number {
    return this.#pipeline.inFlightCount + this.#pipeline.waitingCount
  }

  get traffic(): Traffic {
    return { requests: this.#requests, bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived }
  }

  submit(request: PipelineRequest): Ticket {
    this.#watch(request.deadlineMs)
    return this.#pipeline.submit(request)
  }

  submitUrgent(request: PipelineRequest): void {
    this.#watch(request.deadlineMs)
    this.#pipeline.submitUrgent(request)
  }

  /** Ordinary requests wait from here on. */
  hold(): void {
    this.#pipeline.hold()
  }

  release(): void {
    this.#pipeline.release()
  }

  /** From here on answers of full size are accepted. */
  trust(frameBytesMax: number): void {
    this.#assembler.limitBytes = frameBytesMax
  }

  /** Runs once, when the channel closes for whatever reason; at once when it already is. */
  onClose(listener: (reason: KmcError) => void): void {
    if (this.#closedBy === null) this.#closeListeners.add(listener)
    else listener(this.#closedBy)
  }

  /** Rejects all requests and destroys the socket. Later calls do nothing. */
  close(reason: KmcError): void {
    if (this.#closedBy !== null) return
    this.#closedBy = reason
    clearTimeout(this.#sweepTimer)
    this.#socket?.destroy()
    this.#pipeline.close((request, stage) => this.#rejection(reason, request, stage), reason)
    for (const listener of this.#closeListeners) listener(reason)
    this.#closeListeners.clear()
  }

  #write(chunks: readonly Buffer[]): void {
    const socket = this.#socket
    if (socket === null || this.#closedBy !== null) return
    this.#requests++
    for (const chunk of chunks) this.#bytesSent += chunk.length
    if (chunks.length === 1) {
      socket.write(chunks[0]!)
      return
    }
    // Corked chunks leave as one writev, so records go from the caller's buffers to the kernel.
    socket.cork()
    for (const chunk of chunks) socket.write(chunk)
    socket.uncork()
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closedBy !== null) return
    this.#bytesReceived += bytes.length
    this.#lastReceivedMs = nowMs()
    try {
      this.#assembler.filled(bytes)
    } catch (error) {
      this.close(malformed(error, this.address))
    }
  }

  /** One timer per channel, set for the earliest deadline; an answer that comes in time does not touch it. */
  #watch(deadlineMs: number): void {
    if (deadlineMs >= this.#sweepAtMs || this.#closedBy !== null) return
    clearTimeout(this.#sweepTimer)
    this.#sweepAtMs = deadlineMs
    this.#sweepTimer = setTimeout(() => this.#sweep(), Math.max(1, deadlineMs - nowMs()))
    this.#sweepTimer.unref()
  }

  #sweep(): void {
    this.#sweepAtMs = Number.POSITIVE_INFINITY
    const { nextMs, silent } = this.#pipeline.sweep(nowMs(), this.#lastReceivedMs)
    if (silent !== null) {
      const where = formatAddress(this.address)
      const message = `${where} has sent nothing since ${silent} was due; the connection is given up.`
      this.close(new ClientError('CONNECTION_LOST', message, { context: { address: where } }))
    } else if (nextMs !== null) this.#watch(nextMs)
  }

  #rejection(reason: KmcError, request: PipelineRequest, stage: Stage): Error {
    if (!isClientError(reason, 'CONNECTION_LOST', 'MALFORMED_RESPONSE')) return reason
    if (reason.code === 'MALFORMED_RESPONSE' && stage === 'answering') return reason
    const where = formatAddress(this.address)
    const fate = stage === 'waiting' ? 'was not sent' : 'may or may not have been executed'
    const message = `The connection to ${where} was lost; ${request.name} ${fate}: ${reason.message}`
    const context = { ...reason.context, address: where, api: request.name, sent: stage !== 'waiting' }
    return new ClientError('CONNECTION_LOST', message, { cause: reason, context })
  }

  #lostBy(error: unknown): KmcError {
    const where = this.#assembler.isMidFrame ? ' in the middle of an answer' : ''
    return socketError(error ?? new Error(`the peer closed it${where}`), this.address, 'in use')
  }
}

function malformed(error: unknown, address: Address): ClientError {
  const where = formatAddress(address)
  const context = error instanceof KmcError ? error.context : {}
  return new ClientError('MALFORMED_RESPONSE', `${where} sent a malformed answer: ${messageOf(error)}`, {
    cause: error,
    context: { ...context, address: where },
  })
}
