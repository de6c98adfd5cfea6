import { ClientError } from './errors.ts'
import { Queue } from './queue.ts'

/** One request on its way through a connection. */
export type PipelineRequest = {
  /** For errors: the API's name. */
  readonly name: string
  /** When the caller stops waiting, on the pipeline's clock. */
  readonly deadlineMs: number
  readonly timeoutMs: number
  /** The frame with its size; called once, at the moment of sending. */
  readonly encode: (correlationId: number) => readonly Buffer[]
  /** Reads the answer, a frame without its size. */
  readonly decode: (frame: Buffer) => unknown
  readonly resolve: (body: unknown) => void
  readonly reject: (error: unknown) => void
}

type Entry = {
  readonly request: PipelineRequest
  correlationId: number
  bytes: number
  sentAtMs: number
  /** `abandoned`: nobody waits for it any more, but its answer is still to come and keeps the order. */
  state: 'waiting' | 'in-flight' | 'abandoned' | 'settled'
}

/** A handle to give up one request. */
export type Ticket = { readonly abandon: (error: unknown) => void }

export type PipelineLimits = {
  readonly inFlightRequestsMax: number
  readonly inFlightBytesMax: number
  readonly waitingRequestsMax: number
  readonly abandonedGraceMs: number
}

export type PipelineEdge = {
  readonly write: (chunks: readonly Buffer[]) => void
  readonly nowMs: () => number
}

/** Where a request stood when its connection ended; `answering`: its answer was the next to come. */
export type Stage = 'answering' | 'sent' | 'waiting'

const CORRELATION_ID_MAX = 0x7fffffff

/**
 * The requests of one connection: which wait, which are in flight, and which answer belongs to which. No I/O: the
 * edge writes bytes, hands in frames, and calls `sweep` when a deadline may have passed.
 *
 * Kafka answers in the order of the requests, so the queue is first-in first-out and each answer must carry the
 * correlation id of its head. A request that timed out or was aborted keeps its place until its answer has come.
 */
export class Pipeline {
  readonly #edge: PipelineEdge
  readonly #limits: PipelineLimits
  #inFlight = new Queue<Entry>()
  #waiting = new Queue<Entry>()
  #inFlightBytes = 0
  #isHeld = true
  #closedBy: Error | null = null
  #nextCorrelationId: number

  constructor(edge: PipelineEdge, limits: PipelineLimits, firstCorrelationId = 0) {
    this.#edge = edge
    this.#limits = limits
    this.#nextCorrelationId = firstCorrelationId
  }

  get inFlightCount(): number {
    return this.#inFlight.size
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  get inFlightBytes(): number {
    return this.#inFlightBytes
  }

  /** While held, ordinary requests wait in line and only urgent ones are sent (authentication). */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    this.#pump()
  }

  /** Sends the request now or lines it up. The outcome comes through its `resolve` or `reject`. */
  submit(request: PipelineRequest): Ticket {
    const entry = this.#newEntry(request)
    if (this.#closedBy !== null) this.#settle(entry, this.#closedBy)
    else if (this.#mayPass()) this.#send(entry)
    else if (this.#waiting.size >= this.#limits.waitingRequestsMax)
      this.#settle(entry, overloaded(this.#waiting.size))
    else this.#waiting.push(entry)
    return { abandon: (error) => this.#abandon(entry, error) }
  }

  /** Sends past the line and the hold; for the messages of authentication only. */
  submitUrgent(request: PipelineRequest): void {
    const entry = this.#newEntry(request)
    if (this.#closedBy !== null) this.#settle(entry, this.#closedBy)
    else this.#send(entry)
  }

  /**
   * Takes one answer. Throws MALFORMED_RESPONSE when it belongs to no request; the connection must then be closed.
   */
  receive(frame: Buffer): void {
    const entry = this.#inFlight.peek()
    const correlationId = frame.readInt32BE(0)
    if (entry === undefined)
      throw unexpected(`An answer (correlation id ${correlationId}) came that nobody asked for.`)
    if (entry.correlationId !== correlationId) {
      throw unexpected(
        `The answer to ${entry.request.name} has correlation id ${correlationId}, not ${entry.correlationId}.`,
      )
    }
    if (entry.state === 'in-flight') {
      // Decoded before it leaves the queue: when this throws, closing the connection still finds and rejects it.
      const body = entry.request.decode(frame)
      entry.state = 'settled'
      entry.request.resolve(body)
    }
    this.#inFlight.shift()
    this.#inFlightBytes -= entry.bytes
    this.#pump()
  }

  /**
   * Rejects what is overdue. Returns when to sweep next (null: nothing to watch), and the request whose silence shows
   * that the peer is gone: nothing at all was received since it was sent, or its answer is overdue by the grace.
   */
  sweep(
    nowMs: number,
    lastReceivedMs: number,
  ): { readonly nextMs: number | null; readonly silent: string | null } {
    let nextMs: number | null = null
    let silent: string | null = null
    const watch = (atMs: number): void => {
      if (nextMs === null || atMs < nextMs) nextMs = atMs
    }
    // Only the next in turn tells something of the peer: the others may be waiting behind its long poll.
    const next = this.#inFlight.peek()
    for (const entry of this.#inFlight) {
      const { request, state } = entry
      if (nowMs < request.deadlineMs) watch(request.deadlineMs)
      else {
        if (state === 'in-flight') this.#abandon(entry, timedOut(request, true))
        const giveUpMs = request.deadlineMs + this.#limits.abandonedGraceMs
        const isSilent = lastReceivedMs <= entry.sentAtMs || nowMs >= giveUpMs
        if (entry === next && isSilent) silent = request.name
        watch(nowMs < giveUpMs ? giveUpMs : nowMs + this.#limits.abandonedGraceMs)
      }
    }
    for (const entry of [...this.#waiting]) {
      if (nowMs < entry.request.deadlineMs) watch(entry.request.deadlineMs)
      else this.#abandon(entry, timedOut(entry.request, false))
    }
    return { nextMs, silent }
  }

  /** Rejects everything, each with the error that `lost` makes for it, and all that comes later with `later`. */
  close(lost: (request: PipelineRequest, stage: Stage) => Error, later: Error): void {
    if (this.#closedBy !== null) return
    this.#closedBy = later
    const [inFlight, waiting] = [this.#inFlight, this.#waiting]
    this.#inFlight = new Queue()
    this.#waiting = new Queue()
    this.#inFlightBytes = 0
    let stage: Stage = 'answering'
    for (const entry of inFlight) {
      this.#settle(entry, lost(entry.request, stage))
      stage = 'sent'
    }
    for (const entry of waiting) this.#settle(entry, lost(entry.request, 'waiting'))
  }

  #newEntry(request: PipelineRequest): Entry {
    return { request, correlationId: -1, bytes: 0, sentAtMs: 0, state: 'waiting' }
  }

  #mayPass(): boolean {
    return !this.#isHeld && this.#waiting.size === 0 && this.#hasRoom()
  }

  #hasRoom(): boolean {
    return (
      this.#inFlight.size < this.#limits.inFlightRequestsMax &&
      this.#inFlightBytes < this.#limits.inFlightBytesMax
    )
  }

  #pump(): void {
    while (!this.#isHeld && this.#waiting.size > 0 && this.#hasRoom()) {
      const entry = this.#waiting.shift()
      if (entry?.state === 'waiting') this.#send(entry)
    }
  }

  #send(entry: Entry): void {
    const correlationId = this.#nextCorrelationId
    let chunks: readonly Buffer[]
    try {
      chunks = entry.request.encode(correlationId)
    } catch (error) {
      this.#settle(entry, error)
      return
    }
    this.#nextCorrelationId = correlationId === CORRELATION_ID_MAX ? 0 : correlationId + 1
    entry.correlationId = correlationId
    entry.state = 'in-flight'
    entry.sentAtMs = this.#edge.nowMs()
    for (const chunk of chunks) entry.bytes += chunk.length
    this.#inFlight.push(entry)
    this.#inFlightBytes += entry.bytes
    this.#edge.write(chunks)
  }

  #abandon(entry: Entry, error: unknown): void {
    const wasWaiting = entry.state === 'waiting'
    if (!wasWaiting && entry.state !== 'in-flight') return
    this.#settle(entry, error)
    if (wasWaiting) this.#waiting.remove(entry)
    else entry.state = 'abandoned'
  }

  #settle(entry: Entry, error: unknown): void {
    const isOpen = entry.state === 'waiting' || entry.state === 'in-flight'
    entry.state = 'settled'
    if (isOpen) entry.request.reject(error)
  }
}

function unexpected(message: string): ClientError {
  return new ClientError('MALFORMED_RESPONSE', message)
}

function overloaded(waiting: number): ClientError {
  return new ClientError('CONNECTION_OVERLOADED', `${waiting} requests already wait on this connection.`)
}

function timedOut({ name, timeoutMs }: PipelineRequest, sent: boolean): ClientError {
  const fate = sent ? 'was sent and may have been executed' : 'waited in line and was not sent'
  const message = `${name} was not answered within ${Math.round(timeoutMs)} ms; it ${fate}.`
  return new ClientError('REQUEST_TIMEOUT', message, { context: { api: name, timeoutMs, sent } })
}
