import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Conditions, calm, type Direction, directions } from './conditions.ts'
import { Pipe } from './pipe.ts'

const HOST = '127.0.0.1'

type Through = { readonly client: Socket; readonly broker: Socket; readonly pipes: Record<Direction, Pipe> }

/** A TCP proxy before one broker that can be made to behave as badly as a network does. It knows nothing of Kafka. */
export class FaultProxy {
  readonly port: number
  readonly #target: number
  readonly #server: Server
  readonly #through = new Set<Through>()
  readonly #conditions: Record<Direction, Conditions> = { toBroker: calm, fromBroker: calm }
  #refuses = false

  private constructor(port: number, target: number, server: Server) {
    this.port = port
    this.#target = target
    this.#server = server
  }

  /** Listens on `port` (0: any) and passes what comes to the loopback's `target`. */
  static async start(port: number, target: number): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true })
    await once(server.listen({ host: HOST, port }), 'listening')
    const proxy = new FaultProxy((server.address() as AddressInfo).port, target, server)
    server.on('connection', (client) => proxy.#pass(client))
    return proxy
  }

  get connections(): number {
    return this.#through.size
  }

  /** From now on a direction behaves like this; both when none is named. */
  become(conditions: Partial<Conditions>, ...which: readonly Direction[]): void {
    for (const direction of which.length === 0 ? directions : which) {
      this.#conditions[direction] = { ...calm, ...conditions }
    }
    for (const { pipes } of this.#through) for (const pipe of Object.values(pipes)) pipe.wake()
  }

  /** Drops every connection and refuses new ones. */
  cut(): void {
    this.#refuses = true
    this.resetAll()
  }

  /** Everything passes again, at once. Connections that were spoilt stay so. */
  heal(): void {
    this.#refuses = false
    this.become(calm)
  }

  /** Resets every connection (TCP RST), as a machine does that has just started anew. */
  resetAll(): void {
    for (const through of this.#through) reset(through)
  }

  /** Each connection is reset in the middle of what it carries next. */
  resetInMidFrame(direction: Direction): void {
    for (const { pipes } of this.#through) pipes[direction].cutNext()
  }

  /** The broker sees its clients go; they see it only after `afterMs`. */
  closeSlowly(afterMs: number): void {
    for (const through of this.#through) {
      partFromBroker(through)
      setTimeout(() => through.client.end(), afterMs).unref()
    }
  }

  /** The broker's side of every connection is gone, and the client is never told. New connections work. */
  leaveHalfOpen(): void {
    for (const through of this.#through) partFromBroker(through)
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const { client, broker } of this.#through) {
      client.destroy()
      broker.destroy()
    }
    await closed
  }

  #pass(client: Socket): void {
    if (this.#refuses) {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const broker = connect({ host: HOST, port: this.#target, allowHalfOpen: true })
    const pipe = (from: Socket, to: Socket, direction: Direction) =>
      new Pipe(
        from,
        to,
        () => this.#conditions[direction],
        () => reset(through),
      )
    const pipes = {
      toBroker: pipe(client, broker, 'toBroker'),
      fromBroker: pipe(broker, client, 'fromBroker'),
    }
    const through: Through = { client, broker, pipes }
    this.#through.add(through)
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.setNoDelay(true)
      // A reset of one side is a reset of the other; `close` follows every error.
      socket.on('error', () => other.resetAndDestroy())
      socket.on('close', () => other.destroySoon())
    }
    client.once('close', () => this.#through.delete(through))
  }
}

function reset({ client, broker }: Through): void {
  client.resetAndDestroy()
  broker.resetAndDestroy()
}

/** Ends the broker's side alone. */
function partFromBroker({ client, broker, pipes }: Through): void {
  for (const pipe of Object.values(pipes)) pipe.silence()
  broker.removeAllListeners('close')
  broker.destroy()
  client.resume()
}
