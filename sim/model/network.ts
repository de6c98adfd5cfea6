import type { Events } from '../engine/events.ts'
import type { Random } from '../engine/random.ts'
import type { Trace } from '../engine/trace.ts'
import type { ClusterModel } from './cluster.ts'

/** Whose promises are settled: a worker that may be paused, or dead by then. */
export type Owner = { readonly name: string; deliver(run: () => void): void }

/** The request had no answer; it may have been done or not. */
class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

type Request = {
  readonly serve: (answer: (value: unknown) => void) => void
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  arrived: boolean
  /** Will never reach the broker. */
  lost: boolean
  settled: boolean
  /** Held up on its way until then. */
  notBefore: number
}

/** What the way to one cluster is like just now. */
export type Weather = {
  /** Nothing reaches the brokers, and nothing comes from them, before these times. */
  toBrokersUntil: number
  fromBrokersUntil: number
  slowUntil: number
  slowMs: number
}

/** One connection: requests arrive in order, the broker works on one at a time, answers come back in order. */
class Connection {
  readonly owner: Owner
  readonly node: number
  open = true
  readonly #network: Network
  readonly #random: Random
  readonly #requests = new Set<Request>()
  readonly #queue: Request[] = []
  #busy = false
  #lastArrival = 0
  #lastAnswer = 0

  constructor(network: Network, owner: Owner, node: number, random: Random) {
    this.#network = network
    this.owner = owner
    this.node = node
    this.#random = random
  }

  send(request: Request): void {
    const { events, weather } = this.#network
    this.#requests.add(request)
    const at = Math.max(this.#lastArrival + 0.001, events.now + this.#latency(), weather.toBrokersUntil)
    this.#lastArrival = at
    events.after(at - events.now, () => this.#arrive(request))
  }

  /**
   * The client's end is gone. What the broker has received, and a part of what was on its way, is still worked on:
   * its requests take effect after the client has connected anew.
   */
  cut(zombieMs: number | null): void {
    const { events } = this.#network
    this.open = false
    const coming = [...this.#requests].filter(({ arrived }) => !arrived)
    const surviving = zombieMs === null ? 0 : this.#random.below(coming.length + 1)
    for (const [index, request] of coming.entries()) {
      if (index >= surviving) request.lost = true
      else request.notBefore = events.now + (zombieMs ?? 0)
    }
    for (const request of this.#requests)
      this.#settle(request, () => request.reject(new Unanswered('connection lost')))
  }

  /** The broker's end is gone with everything it had received. */
  die(): void {
    for (const request of this.#requests) request.lost = true
    this.#queue.length = 0
    this.cut(null)
  }

  giveUp(request: Request): void {
    this.#settle(request, () => request.reject(new Unanswered('no answer in time')))
  }

  #arrive(request: Request): void {
    const { events } = this.#network
    if (request.lost) return
    if (request.notBefore > events.now) {
      events.after(request.notBefore - events.now, () => this.#arrive(request))
      return
    }
    request.arrived = true
    this.#queue.push(request)
    this.#work()
  }

  #work(): void {
    if (this.#busy) return
    const request = this.#queue.shift()
    if (request === undefined) return
    if (request.lost || !this.#network.cluster.isUp(this.node)) {
      this.#work()
      return
    }
    this.#busy = true
    this.#network.serving = { late: !this.open || request.settled }
    request.serve((value) => {
      this.#busy = false
      this.#answer(request, value)
      this.#work()
    })
  }

  #answer(request: Request, value: unknown): void {
    const { events, weather } = this.#network
    if (!this.open) return
    const at = Math.max(this.#lastAnswer + 0.001, events.now + this.#latency(), weather.fromBrokersUntil)
    this.#lastAnswer = at
    events.after(at - events.now, () => {
      if (this.open) this.#settle(request, () => request.resolve(value))
    })
  }

  #settle(request: Request, run: () => void): void {
    if (request.arrived || request.lost) this.#requests.delete(request)
    if (request.settled) return
    request.settled = true
    this.owner.deliver(run)
  }

  #latency(): number {
    const { events, weather } = this.#network
    const extra = events.now < weather.slowUntil ? this.#random.unit() * weather.slowMs : 0
    return 0.2 + this.#random.unit() * 1.5 + extra
  }
}

/** All connections to one cluster. */
export class Network {
  readonly cluster: ClusterModel
  readonly events: Events
  readonly weather: Weather = { toBrokersUntil: 0, fromBrokersUntil: 0, slowUntil: 0, slowMs: 0 }
  /** What is being worked on; `late`: its client has given it up or is gone. */
  serving = { late: false }
  readonly #random: Random
  readonly #trace: Trace
  readonly #connections = new Map<string, Connection>()
  #made = 0

  constructor(cluster: ClusterModel, random: Random, trace: Trace) {
    this.cluster = cluster
    this.events = cluster.events
    this.#random = random
    this.#trace = trace
  }

  /** Sends a request on the owner's connection of that lane; rejects when no answer comes in time. */
  call<T>(
    owner: Owner,
    to: {
      readonly node: number
      readonly lane: string
      readonly timeoutMs: number
      readonly what: () => string
    },
    serve: (answer: (value: T) => void) => void,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.cluster.isUp(to.node)) {
        this.events.after(1 + this.#random.unit(), () => {
          owner.deliver(() => reject(new Unanswered(`broker ${to.node} does not answer`)))
        })
        return
      }
      const connection = this.#connection(owner, to.node, to.lane)
      const callOff = this.events.after(to.timeoutMs, () => connection.giveUp(request))
      this.#trace.add(() => `${owner.name} > ${this.cluster.name}/${to.node}/${to.lane} ${to.what()}`)
      const request: Request = {
        serve: serve as (answer: (value: unknown) => void) => void,
        resolve: (value) => {
          callOff()
          this.#trace.add(
            () => `${owner.name} < ${this.cluster.name}/${to.node}/${to.lane} ${summary(value)}`,
          )
          resolve(value as T)
        },
        reject: (error) => {
          callOff()
          this.#trace.add(() => `${owner.name} ! ${this.cluster.name}/${to.node}/${to.lane} ${error.message}`)
          reject(error)
        },
        arrived: false,
        lost: false,
        settled: false,
        notBefore: 0,
      }
      connection.send(request)
    })
  }

  /** Cuts connections; `which` null cuts all. */
  cut(which: ((connection: Connection) => boolean) | null, zombieMs: number | null): void {
    for (const [key, connection] of this.#connections) {
      if (which !== null && !which(connection)) continue
      this.#connections.delete(key)
      connection.cut(zombieMs)
    }
  }

  brokerDied(node: number): void {
    for (const [key, connection] of this.#connections) {
      if (connection.node !== node) continue
      this.#connections.delete(key)
      connection.die()
    }
  }

  #connection(owner: Owner, node: number, lane: string): Connection {
    const key = `${owner.name}/${node}/${lane}`
    const known = this.#connections.get(key)
    if (known !== undefined) return known
    const made = new Connection(this, owner, node, this.#random.fork(`${key}/${this.#made++}`))
    this.#connections.set(key, made)
    return made
  }
}

/** In short: of bytes only how many. */
function summary(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    const isBytes = part !== null && typeof part === 'object' && 'type' in part && part.type === 'Buffer'
    return isBytes ? `${(part as unknown as { data: number[] }).data.length} bytes` : part
  })
}
