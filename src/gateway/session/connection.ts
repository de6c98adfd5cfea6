import type { Socket } from 'node:net'
import { messageOf } from '../../base/error.ts'
import type { Census } from '../census/census.ts'
import { GatewayError, isRefusal, mayHaveMoved, upstreamLost } from '../errors.ts'
import { INCOMPLETE_BYTES_FREE, SOCKET_BUFFER_BYTES } from '../limits.ts'
import type { RouteLogin } from '../login/login.ts'
import type { Backend } from '../upstream/backend.ts'
import { openUpstream } from '../upstream/open.ts'
import type { Edge, Host } from './edge.ts'
import { WRITES } from './owed.ts'
import { Session } from './session.ts'

/** What a connection needs of its route. */
export type ConnectionHost = Omit<Host, 'login' | 'census'> & {
  readonly census: Census
  /** The cluster that serves now. */
  backend(): Backend
  /** Whether the route may take that many more bytes that wait; fewer, when negative, are always taken. */
  park(bytes: number): boolean
  closed(connection: ClientConnection, reason: GatewayError | null): void
  /** A connection to a broker broke, or the broker closed it. */
  brokerLost(): void
  /** A broker could not be reached; it is tried again. */
  noteTrouble(why: string): void
}

const RETRY_MS = 20
const RETRY_MAX_MS = 1_000

/** The two sockets of one client: its own, and the one to the broker behind, which may be exchanged at any time. */
export class ClientConnection implements Edge {
  readonly slot: number
  readonly login: RouteLogin
  readonly session: Session
  readonly remoteAddress: string
  readonly #host: ConnectionHost
  readonly #client: Socket
  readonly #openedAt: number
  readonly #census: ReturnType<Census['takerFor']>
  #broker: Socket | null = null
  #brokerId: number | null = null
  #opening: AbortController | null = null
  #failures = 0
  #parkedBytes = 0
  #isClosed = false

  constructor(host: ConnectionHost, client: Socket, slot: number, login: RouteLogin) {
    this.slot = slot
    this.login = login
    this.remoteAddress = client.remoteAddress ?? ''
    this.#host = host
    this.#client = client
    this.#openedAt = host.rules.clock.now()
    this.#census = host.census.takerFor(this)
    this.session = new Session({ ...host, login, census: this.#census }, this)
    client.setNoDelay(true)
    client.setKeepAlive(true, KEEP_ALIVE_AFTER_MS)
    client.on('data', (bytes: Buffer) => this.#fromClient(bytes))
    client.on('drain', () => this.#balance())
    client.on('error', (error: NodeJS.ErrnoException) => this.#end(clientLost(error)))
    client.on('end', () => this.#end(null))
    client.on('close', () => this.#end(null))
  }

  toClient(bytes: Buffer): void {
    this.#client.write(bytes)
  }

  toBroker(bytes: Buffer): void {
    this.#broker?.write(bytes)
  }

  needBroker(): void {
    if (this.#opening !== null || this.#broker !== null || this.#isClosed) return
    const opening = new AbortController()
    this.#opening = opening
    void this.#open(opening)
  }

  changed(): void {
    this.#balance()
  }

  close(reason: GatewayError): void {
    this.#end(reason)
  }

  /** Goes on with what waits; called when a phase has changed. */
  resume(): void {
    this.session.resume()
    this.#balance()
  }

  end(): void {
    this.#end(null)
  }

  /**
   * Another cluster serves, whose versions are `offer`. False when the client had to be closed for that: its login or
   * its versions are of no use there, or it is owed what only the last broker could answer.
   */
  leave(offer: string | null): boolean {
    const { session, login } = this
    const hasBroker = this.#broker !== null
    const isUnderstood = session.offer === null || session.offer === offer
    if (!login.isRepeatable && hasBroker) this.#end(loginEnds())
    else if (!session.isMovable || !isUnderstood) this.#end(upstreamLost())
    else this.#dropBroker()
    return !this.#isClosed
  }

  /** Closes a client that waits for an answer to a write: it must not get one any more. */
  endUnlessAnswered(): void {
    if (this.session.owedCount(({ key }) => WRITES.has(key)) > 0) this.#end(mayHaveMoved())
  }

  /** After `leave`: what is owed is asked again at the cluster that serves now, and what waits follows. */
  moveOn(): void {
    this.session.brokerLost()
    this.resume()
  }

  /** Leads the client back to its slot's own broker, or to a fresh session where the present one ends soon. */
  settle(): void {
    if (this.#broker === null) return
    const endsSoon = this.#host.rules.clock.now() >= this.login.endsAt
    const isMisplaced = endsSoon || this.#host.backend().isMisplaced(this.slot, this.#brokerId)
    if (isMisplaced && this.session.isMovable && this.login.isRepeatable) this.#exchange()
  }

  /** A client that does not say who it is, or what it wants, takes a place of others. */
  expelStranger(): void {
    if (this.#host.rules.clock.now() - this.#openedAt <= LOGIN_MS) return
    if (!this.login.isDone)
      this.#end(new GatewayError('GATEWAY_LOGIN_FAILED', 'A client did not log in in time.'))
    else if (this.session.isSilent)
      this.#end(new GatewayError('GATEWAY_CLIENT_SILENT', 'A client asked for nothing.'))
  }

  #exchange(): void {
    this.#dropBroker()
    this.session.brokerLost()
  }

  async #open(opening: AbortController): Promise<void> {
    const { signal } = opening
    while (!signal.aborted) {
      const backend = this.#host.backend()
      for (const { id, address } of backend.candidates(this.slot)) {
        if (signal.aborted) return
        try {
          const broker = await this.#dial(backend, address, signal)
          if (signal.aborted) broker.destroy()
          else this.#opened(broker, id)
          return
        } catch (error) {
          if (signal.aborted) return
          if (isRefusal(error)) {
            this.#end(error)
            return
          }
          this.#host.noteTrouble(messageOf(error))
        }
      }
      const pauseMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#failures++)
      await this.#host.rules.clock.sleep(pauseMs, signal)
    }
  }

  async #dial(
    backend: Backend,
    address: { host: string; port: number },
    opening: AbortSignal,
  ): Promise<Socket> {
    let socket: Socket | null = null
    // Not AbortSignal.timeout: that one goes off in any case, and makes an error that nobody wants.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error('no answer in time')), CONNECT_MS)
    try {
      socket = await openUpstream({
        address,
        tls: backend.tls,
        signal: AbortSignal.any([opening, late.signal]),
        authenticate: (calls, at) => this.login.repeat(calls, at),
        passingBytes: () => this.session.passingBytes,
        isWaiting: () => this.#client.writableLength + this.session.heldAnswerBytes > 0,
        onBytes: (bytes) => this.#fromBroker(bytes),
        onClosed: () => this.#brokerClosed(socket),
      })
      return socket
    } finally {
      clearTimeout(timer)
    }
  }

  #opened(broker: Socket, id: number | null): void {
    this.#opening = null
    this.#failures = 0
    this.#broker = broker
    this.#brokerId = id
    broker.on('drain', () => this.#balance())
    this.session.brokerOpened()
    this.#balance()
  }

  #brokerClosed(socket: Socket | null): void {
    if (socket === null || socket !== this.#broker) return
    this.#dropBroker()
    this.#host.brokerLost()
    if (!this.login.isRepeatable) this.#end(loginEnds())
    else if (!this.session.brokerLost()) this.#end(upstreamLost())
    // Requests that were read already, and whatever comes, look for another broker.
    else this.resume()
  }

  #dropBroker(): void {
    this.#opening?.abort()
    this.#opening = null
    const broker = this.#broker
    this.#broker = null
    this.#brokerId = null
    broker?.destroy()
  }

  #fromClient(bytes: Buffer): void {
    const broker = this.#broker
    // What arrived together leaves together.
    broker?.cork()
    this.session.fromClient(bytes)
    broker?.uncork()
    this.#balance()
  }

  #fromBroker(bytes: Buffer): void {
    this.#client.cork()
    this.session.fromBroker(bytes)
    this.#client.uncork()
    this.#balance()
  }

  /** Reads each side as long as the other one takes what comes, and as long as what waits is within the limits. */
  #balance(): void {
    if (this.#isClosed) return
    const { waitingBytes, isParked } = this.session
    const brokerBytes = this.#broker?.writableLength ?? 0
    // A request that was held whole goes to the broker's socket at once, and waits there for a slow one.
    const keptBytes = waitingBytes + Math.max(0, brokerBytes - SOCKET_BUFFER_BYTES)
    const fits = this.#host.park(keptBytes - this.#parkedBytes)
    this.#parkedBytes = keptBytes
    if (!fits && !isParked && waitingBytes > INCOMPLETE_BYTES_FREE) {
      this.#end(memoryFull())
      return
    }
    const isFull = isParked && (!fits || waitingBytes > this.#host.limits.parkedBytesPerConnection)
    const isClientSlow = this.#client.writableLength > SOCKET_BUFFER_BYTES
    const isBrokerSlow = brokerBytes > SOCKET_BUFFER_BYTES
    if (isFull || isClientSlow || isBrokerSlow) this.#client.pause()
    else if (this.#client.isPaused()) this.#client.resume()
    if (isClientSlow || this.session.heldAnswerBytes > SOCKET_BUFFER_BYTES) this.#broker?.pause()
    else if (this.#broker?.isPaused()) this.#broker.resume()
  }

  #end(reason: GatewayError | null): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.session.giveUp()
    this.#dropBroker()
    this.#client.destroy()
    this.#host.park(-this.#parkedBytes)
    this.#census.close()
    this.#host.closed(this, reason)
  }
}

/** Clients that leave without a word do so with these codes; null for them. */
function clientLost({ code, message }: NodeJS.ErrnoException): GatewayError | null {
  return code === 'ECONNRESET' || code === 'EPIPE' ? null : new GatewayError('GATEWAY_CLIENT_LOST', message)
}

function memoryFull(): GatewayError {
  return new GatewayError('GATEWAY_MEMORY_FULL', 'The route holds all that it may hold.')
}

function loginEnds(): GatewayError {
  return new GatewayError('GATEWAY_LOGIN_NOT_REPEATABLE', 'The broker behind a login by SCRAM went away.')
}

const KEEP_ALIVE_AFTER_MS = 30_000
const CONNECT_MS = 10_000
const LOGIN_MS = 30_000
