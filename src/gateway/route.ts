import type { Socket } from 'node:net'
import { type Clock, systemClock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import { initProducerId } from '../client/producer-id.ts'
import { Census } from './census/census.ts'
import { Crash, type MaybeTwice } from './crash.ts'
import { GatewayError } from './errors.ts'
import { evict, type Ghost } from './evict.ts'
import { defaultLimits, type Limits, OWED_TO_NAMED_MAX } from './limits.ts'
import { certifiedName, Listeners } from './listeners.ts'
import { EndedHereLogin, RouteUsers } from './login/ended-here.ts'
import type { RouteLogin } from './login/login.ts'
import { PassedThroughLogin } from './login/passed-through.ts'
import { apiVersionsAnswer, commonOffer } from './rewrite/018-api-versions.ts'
import { Slots } from './rewrite/slots.ts'
import { virtualClusterId } from './rewrite/topic-ids.ts'
import { ClientConnection, type ConnectionHost } from './session/connection.ts'
import type { VersionOffer } from './session/edge.ts'
import type { Client, Fence, Missing, Phase, RouteSpec, RouteStatus, SwapResult } from './spec.ts'
import type { Acked, AckedAfter, Ends } from './state/acked.ts'
import { isHeldBack, Rules, type Until } from './state/rules.ts'
import { Backend } from './upstream/backend.ts'

export type RouteOptions = { readonly log: Log; readonly clock?: Clock }

export type EnterOptions = {
  /** How long to wait until the phase holds. */
  readonly deadlineMs: number
  /** The cluster that the switch goes to; default is the only other one. Needed from `handing-over` on. */
  readonly target?: string
}

const POLL_MS = 5
/** Longer than the heartbeat interval of any client as it comes: 3 s, of KIP-848 what the gateway lets it be. */
const GATHER_MS = 4_000
/** For asking the cluster that a switch goes to; clients wait meanwhile. */
const LEARN_MS = 1_000
const HOUSEKEEPING_MS = 500
const LEARN_EVERY_MS = 30_000

/**
 * A route: one address for clients, whichever of its clusters serves. `enter` and `swap` are the steps of a switch; who
 * decides over them is not here.
 */
export class Route {
  readonly name: string
  readonly #log: Log
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #rules: Rules
  readonly #census: Census
  readonly #backends = new Map<string, Backend>()
  readonly #connections = new Set<ClientConnection>()
  readonly #closed: Record<string, number> = {}
  readonly #stopping = new AbortController()
  readonly #host: ConnectionHost
  readonly #users: RouteUsers | null
  #listeners: Listeners | null = null
  #parkedBytes = 0
  #offer: VersionOffer | null = null
  #offerOf = ''
  #learntAt = 0
  readonly #crash: Crash

  private constructor(spec: RouteSpec, { log, clock = systemClock }: RouteOptions) {
    this.name = spec.name
    this.#log = log
    this.#clock = clock
    this.#limits = { ...defaultLimits, ...spec.limits }
    this.#census = new Census(() => clock.now())
    const front = { host: spec.advertisedHost ?? spec.listen.host, port: spec.listen.port }
    const clusterId = virtualClusterId(spec.name)
    for (const cluster of spec.clusters) {
      const slots = new Slots(front, spec.listen.slots)
      this.#backends.set(cluster.name, new Backend(cluster, clusterId, slots, { log, clock }))
    }
    this.#backendOf(spec.active)
    this.#rules = new Rules(spec.active, clock, async (name, transactionalId, transactionTimeoutMs) => {
      const cluster = await this.#backendOf(name).cluster()
      return initProducerId(cluster, { transactionalId, transactionTimeoutMs })
    })
    this.#users = spec.sasl?.mode === 'ended-here' ? new RouteUsers(spec.sasl) : null
    this.#crash = new Crash(spec.name, log)
    this.#host = this.#newHost()
  }

  /**
   * Opens the ports and looks for the clusters; one that is away does not keep a route from starting, its clients wait.
   * Errors: GATEWAY_PORT_TAKEN, GATEWAY_CLUSTER_UNKNOWN, GATEWAY_CERTIFICATE_BAD.
   */
  static async start(spec: RouteSpec, options: RouteOptions): Promise<Route> {
    const route = new Route(spec, options)
    await Promise.all([...route.#backends.values()].map((backend) => backend.start()))
    try {
      route.#listeners = await Listeners.open(spec, {
        onClient: (socket, slot) => route.#accept(socket, slot),
        onRefused: (why) => route.#count('TLS_FAILED', why),
        onFull: () => route.#countFull(),
      })
    } catch (error) {
      await route.stop()
      throw error
    }
    void route.#keepHouse()
    return route
  }

  status(): RouteStatus {
    const { phase, active, fence, mayWrite } = this.#rules
    const connections = [...this.#connections]
    return {
      name: this.name,
      phase,
      active,
      fence,
      mayWrite,
      ...this.#missing(),
      connections: connections.length,
      parkedConnections: connections.filter(({ session }) => session.isParked).length,
      parkedBytes: this.#parkedBytes,
      closed: { ...this.#closed },
      warnings: this.#warnings(),
    }
  }

  /** Who uses the route, or has used it since it started. */
  census(): Client[] {
    return this.#census.list()
  }

  /**
   * Enters a phase, forwards or backwards, and waits until it holds: `yielding` until all members gave up their
   * partitions, `handing-over` until no transaction is open, `fenced` until also no record sent before is unanswered,
   * `frozen` until no request of a group or transaction is, `parked` until nothing is that may not be asked again.
   * Gives what was still missing at the deadline. `open` calls a switch off: everything goes on, in order.
   * Errors: GATEWAY_CLUSTER_UNKNOWN.
   */
  async enter(phase: Phase, { deadlineMs, target }: EnterOptions): Promise<Missing> {
    if (target !== undefined) this.#backendOf(target)
    const rules = this.#rules
    if (phase === 'open') {
      rules.members.callBack()
      this.#crash.forgetEnds()
    }
    if (phase !== 'yielding') rules.members.endGathering(this.#clock.now(), true)
    else if (rules.phase !== phase) rules.members.gather()
    rules.phase = phase
    rules.target = phase === 'open' ? null : (target ?? rules.target ?? this.#onlyOther())
    this.#log.info({ route: this.name, phase, target: rules.target }, 'route enters a phase')
    this.#resumeAll()
    const beganAt = this.#clock.now()
    for (let now = beganAt; !this.#holds() && now < beganAt + deadlineMs; now = this.#clock.now()) {
      if (rules.members.endGathering(now, now - beganAt > GATHER_MS)) this.#resumeAll()
      await this.#clock.sleep(POLL_MS)
    }
    return this.#missing()
  }

  /**
   * From `parked`: another cluster serves from now on. Client connections stay; those that cannot be moved are closed.
   * What was parked goes to the new cluster, in order. Errors: GATEWAY_NOT_PARKED, GATEWAY_CLUSTER_UNKNOWN.
   */
  async swap(cluster: string): Promise<SwapResult> {
    const rules = this.#rules
    const backend = this.#backendOf(cluster)
    const learning = backend.learn()
    // What is known already has to do when it does not answer at once: all clients wait.
    const isKnown = backend.spoken.length > 0
    await (isKnown ? Promise.race([learning, this.#clock.sleep(LEARN_MS)]) : learning)
    if (rules.phase !== 'parked')
      throw new GatewayError('GATEWAY_NOT_PARKED', `Route ${this.name} is in phase ${rules.phase}.`)
    const left = this.#backendOf(rules.active)
    const ghosts = rules.switchTo(cluster)
    backend.noteMoved()
    const offer = this.#host.offer()?.fingerprint ?? null
    const connections = [...this.#connections]
    const kept = connections.filter((connection) => connection.leave(offer)).length
    const closed = connections.length - kept
    const connected = [...this.#connections].map(({ session }) => session)
    await this.#crash.mend(backend, rules, { connected, members: ghosts.map(({ session }) => session) })
    rules.phase = 'open'
    for (const connection of [...this.#connections]) connection.moveOn()
    this.#log.info({ route: this.name, cluster, kept, closed }, 'route serves from another cluster')
    void this.#evict(left, ghosts)
    return { kept, closed }
  }

  /** Keeps writes waiting or refuses them, outside of a switch; reads are served. */
  setFence(fence: Fence): void {
    this.#rules.fence = fence
    this.#resumeAll()
  }

  /**
   * With false nobody knows whether the cluster may be written: writes wait, and are refused after ten seconds. Leave
   * can end by itself: a process that was stopped when it did must not write before it is told. Whoever waits for an
   * answer to a write when leave is over, or has been, is closed: what it would be told may be lost already.
   */
  setMayWrite(allowed: boolean, until: Until | null = null): void {
    const before = this.#rules.mayWrite
    this.#rules.allowWrites(allowed, until)
    if (before && allowed) return
    this.#endWrites()
    this.#resumeAll()
  }

  /**
   * What clients were told to be written at these ends of logs and behind them. Once it was asked for, nothing more of
   * the cluster that serves is told to anybody: who is owed an answer to a write is closed. To be asked while parked.
   */
  ackedAfter(ends: Ends): AckedAfter {
    this.#endWrites()
    this.#crash.noteEnds(ends)
    return this.#rules.acked.after(ends)
  }

  /** Of every partition that clients wrote to since the last switch the offset behind the last they were told of. */
  ackedEnds(): ReturnType<Acked['ends']> {
    return this.#rules.acked.ends()
  }

  /** What may be twice on the cluster that serves, since the last switch; null for nothing. */
  get maybeTwice(): MaybeTwice | null {
    return this.#crash.maybeTwice
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const closing = this.#listeners?.close()
    for (const connection of [...this.#connections]) connection.end()
    await closing
    await Promise.all([...this.#backends.values()].map((backend) => backend.close()))
  }

  #backendOf(name: string): Backend {
    const backend = this.#backends.get(name)
    if (backend !== undefined) return backend
    throw new GatewayError('GATEWAY_CLUSTER_UNKNOWN', `Route ${this.name} has no cluster ${name}.`)
  }

  #onlyOther(): string | null {
    const others = [...this.#backends.keys()].filter((name) => name !== this.#rules.active)
    return others.length === 1 ? others[0]! : null
  }

  #newHost(): ConnectionHost {
    const backend = (): Backend => this.#backendOf(this.#rules.active)
    return {
      limits: this.#limits,
      rules: this.#rules,
      census: this.#census,
      backend,
      view: () => backend().view(),
      learn: () => backend().learn(),
      offer: () => this.#currentOffer(),
      park: (bytes) => {
        this.#parkedBytes += bytes
        return this.#parkedBytes <= this.#limits.parkedBytes
      },
      closed: (connection, reason) => this.#ended(connection, reason),
      brokerLost: () => {
        this.#crash.noteBrokerLost()
      },
      noteTrouble: (why) =>
        this.#log.debug({ route: this.name, why }, 'broker of a route could not be reached'),
    }
  }

  /** Made anew when a cluster was asked anew; null as long as none could be asked. */
  #currentOffer(): VersionOffer | null {
    const spoken = [...this.#backends.values()].flatMap((backend) => backend.spoken)
    if (spoken.length === 0) return null
    const offer = commonOffer(spoken)
    if (offer.fingerprint !== this.#offerOf) {
      this.#offerOf = offer.fingerprint
      const answer: VersionOffer['answer'] = (version, correlationId) =>
        apiVersionsAnswer(offer, version, correlationId)
      this.#offer = { fingerprint: offer.fingerprint, answer }
    }
    return this.#offer
  }

  #accept(socket: Socket, slot: number): void {
    if (this.#connections.size >= this.#limits.connections) {
      socket.destroy()
      this.#countFull()
      return
    }
    this.#connections.add(new ClientConnection(this.#host, socket, slot, this.#newLogin(socket)))
  }

  #newLogin(socket: Socket): RouteLogin {
    const users = this.#users
    if (users === null) return new PassedThroughLogin()
    const cluster = () => {
      const { name, config } = this.#backendOf(this.#rules.active)
      return { name, sasl: config.sasl }
    }
    return new EndedHereLogin({ users, certified: certifiedName(socket), cluster, clock: this.#clock })
  }

  #ended(connection: ClientConnection, reason: GatewayError | null): void {
    this.#connections.delete(connection)
    this.#rules.members.forgetSession(connection.session)
    if (reason !== null) this.#count(reason.code, reason.message, connection.remoteAddress)
  }

  #countFull(): void {
    this.#count('GATEWAY_CONNECTIONS_MAX', `${this.#limits.connections} connections are open.`)
  }

  #count(code: string, why: string, address?: string): void {
    this.#closed[code] = (this.#closed[code] ?? 0) + 1
    this.#log.warn({ route: this.name, code, why, address }, 'connection of a client was closed')
  }

  #endWrites(): void {
    for (const connection of [...this.#connections]) connection.endUnlessAnswered()
  }

  #resumeAll(): void {
    for (const connection of [...this.#connections]) connection.resume()
  }

  /** Goes on in the background: the cluster that was left may be gone, and then has no members either. */
  async #evict(left: Backend, ghosts: readonly Ghost[]): Promise<void> {
    if (ghosts.length === 0) return
    const context = { route: this.name, cluster: left.name, members: ghosts.length }
    try {
      const notEvicted = await evict(await left.cluster(), ghosts)
      this.#log.info({ ...context, notEvicted }, 'members were taken out of the cluster that was left')
    } catch (error) {
      this.#log.warn({ ...context, why: messageOf(error) }, 'members stay on the cluster that was left')
    }
  }

  #missing(): Missing {
    const { members, transactions, phase } = this.#rules
    const now = this.#clock.now()
    let owedAnswers = 0
    const owedTo = new Set<string>()
    for (const { session } of this.#connections) {
      const parked = session.isMovable ? 0 : 1
      const owed = phase === 'parked' ? parked : session.owedCount((api) => isHeldBack(api, phase))
      owedAnswers += owed
      if (owed > 0 && owedTo.size < OWED_TO_NAMED_MAX)
        owedTo.add(session.clientId ?? 'a client without a name')
    }
    return {
      owedAnswers,
      owedTo: [...owedTo],
      openTransactions: transactions.openIds(now),
      // Later nobody waits for them any more: they read again what they have not committed.
      membersNotYielded: phase === 'yielding' ? members.notYielded(now) : [],
    }
  }

  #holds(): boolean {
    const { phase } = this.#rules
    const { owedAnswers, openTransactions, membersNotYielded } = this.#missing()
    if (phase === 'yielding') return membersNotYielded.length === 0
    if (phase === 'handing-over') return openTransactions.length === 0
    if (phase === 'fenced') return owedAnswers === 0 && openTransactions.length === 0
    return owedAnswers === 0
  }

  #warnings(): string[] {
    return [...this.#backends.values()].flatMap(({ name, fault }) =>
      fault === null ? [] : [`Cluster ${name} of route ${this.name} cannot be used: ${fault}`],
    )
  }

  async #keepHouse(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await this.#clock.sleep(HOUSEKEEPING_MS, signal)
      const { fence, mayWrite } = this.#rules
      // What waits for leave to write is refused after a while.
      if (fence !== 'none' || !mayWrite) this.#resumeAll()
      for (const connection of [...this.#connections]) {
        // One that came before anything was known of the clusters.
        if (connection.session.offer === null) connection.resume()
        connection.settle()
        connection.expelStranger()
      }
      if (this.#clock.now() - this.#learntAt < LEARN_EVERY_MS) continue
      this.#learntAt = this.#clock.now()
      for (const backend of this.#backends.values()) void backend.learn()
    }
  }
}
