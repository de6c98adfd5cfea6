import { messageOf } from '../base/error.ts'
import { type Log, silentLog } from '../base/log.ts'
import type { Api, Input } from '../wire/api.ts'
import { Metadata, type MetadataResponse } from '../wire/apis/003-metadata.ts'
import { ErrorCode } from '../wire/error-codes.ts'
import { formatAddress } from './address.ts'
import { AnswerMemo } from './answer-memo.ts'
import { decisiveError } from './bootstrap.ts'
import { nowMs } from './clock.ts'
import type { ClusterConfig } from './config.ts'
import { configWarnings } from './config-warnings.ts'
import type { Connection, SendOptions } from './connection.ts'
import { ConnectionPool, type Lane, type WaitOptions } from './connection-pool.ts'
import { type CoordinatorKind, Coordinators } from './coordinators.ts'
import { within } from './deadline.ts'
import { Dialer } from './dialer.ts'
import { ClientError, KafkaError, throwOnKafkaError } from './errors.ts'
import type { FramePool } from './frame-pool.ts'
import { BOOTSTRAP_STAGGER_MS, REQUEST_TIMEOUT_MS } from './limits.ts'
import { MetadataCache, type MetadataScope } from './metadata.ts'
import { MetadataRefresher } from './metadata-refresher.ts'
import { type Outcome, unwrap } from './outcome.ts'
import { type CallOptions, retrying } from './retry.ts'
import { type Loss, staggeredRace } from './staggered-race.ts'

/** Where a request goes: a broker by id, any broker, or the one for controller requests. */
export type Target = number | 'any' | 'controller'

export type Route = SendOptions & { readonly node: Target; readonly lane?: Lane | undefined }
export type OpenOptions = CallOptions & {
  /** Told of unsafe settings and of connections that come and go. */
  readonly log?: Log | undefined
  /** Where the memory of large answers comes from; who reads them gives it back there. */
  readonly framePool?: FramePool | undefined
}
export type ConnectOptions = CallOptions & { readonly lane?: Lane | undefined }

/** The lane of requests that name none: short questions, never long polls. */
const CONTROL_LANE: Lane = 'control'

/**
 * One Kafka cluster over sockets: knows its brokers, keeps connections to them, and brings each request to the broker
 * that Kafka wants it at. It has nothing in common with other clusters, so none can delay another.
 */
export class Cluster implements AsyncDisposable {
  readonly config: ClusterConfig
  readonly metadata = new MetadataCache()
  readonly framePool: FramePool | undefined
  readonly #dialer: Dialer
  readonly #pool: ConnectionPool
  readonly #refresher: MetadataRefresher
  readonly #coordinators: Coordinators
  readonly #metadataMemo = new AnswerMemo<MetadataResponse>()
  readonly #closing = new AbortController()

  private constructor(config: ClusterConfig, { log = silentLog, framePool }: OpenOptions) {
    this.config = config
    this.framePool = framePool
    this.#dialer = new Dialer(config, framePool)
    this.#pool = new ConnectionPool((nodeId, signal) => this.#openNode(nodeId, signal), log)
    this.#refresher = new MetadataRefresher((scope) => this.#askMetadata(scope))
    this.#coordinators = new Coordinators((limits) => this.#anyConnection(CONTROL_LANE, limits))
  }

  /**
   * Finds the cluster through its bootstrap addresses. Errors: BOOTSTRAP_UNREACHABLE, AUTHENTICATION_FAILED,
   * TLS_UNTRUSTED, TLS_CONFIG_INVALID, TLS_FAILED, NOT_KAFKA, CLUSTER_ID_CHANGED, ADDRESS_INVALID, REQUEST_ABORTED.
   */
  static async connect(config: ClusterConfig, options: OpenOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(config, options)
    try {
      for (const warning of configWarnings(config)) options.log?.warn({ cluster: config.name }, warning)
      await within(cluster.limitsOf(options), `Connecting to ${config.name}`, cluster.#bootstrap())
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  get name(): string {
    return this.config.name
  }

  /** Fixed at the first connection; every later one is checked against it. */
  get clusterId(): string {
    return this.#dialer.clusterId ?? ''
  }

  /** The open connections, for counting and measuring. */
  get connections(): readonly Connection[] {
    return this.#pool.connections
  }

  /** Fills in the time limit of calls that name none. */
  limitsOf({ timeoutMs, signal }: CallOptions): WaitOptions {
    return { timeoutMs: timeoutMs ?? this.config.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, signal }
  }

  /**
   * Sends one request to one broker, once. `timeoutMs` covers connecting as well. Errors: those of `connection` and
   * of `Connection.send`; error codes inside the answer are the caller's to read.
   */
  async request<Req, Res>(api: Api<Req, Res>, body: Input<Req>, route: Route): Promise<Res> {
    const { node, lane = CONTROL_LANE, version } = route
    const { timeoutMs, signal } = this.limitsOf(route)
    const open = typeof node === 'number' ? this.openConnection(node, lane) : undefined
    if (open !== undefined) return open.send(api, body, { timeoutMs, signal, version })
    const startedMs = nowMs()
    const connection = await this.connection(node, { lane, timeoutMs, signal })
    const remainingMs = Math.max(1, timeoutMs - (nowMs() - startedMs))
    return connection.send(api, body, { timeoutMs: remainingMs, signal, version })
  }

  /** The connection of a lane to a broker if it is open: without a wait, for requests that go out by the thousand. */
  openConnection(node: number, lane: Lane): Connection | undefined {
    return this.#pool.existing(node, lane)
  }

  /** The connection of a lane to a broker, opened when need be. Errors: those of `ConnectionPool.get`. */
  connection(node: Target, options: ConnectOptions = {}): Promise<Connection> {
    const { lane = CONTROL_LANE } = options
    const { controllerId } = this.metadata
    const nodeId = node === 'controller' && controllerId >= 0 ? controllerId : node
    if (typeof nodeId === 'number') return this.#pool.get(nodeId, lane, this.limitsOf(options))
    return this.#anyConnection(lane, this.limitsOf(options))
  }

  /**
   * Asks for fresh metadata: of these topics, of all, or of the brokers alone. Calls made at the same time share
   * requests. A topic that was asked for and is not there is forgotten.
   */
  refresh(topics: readonly string[] | 'all' = [], options: CallOptions = {}): Promise<void> {
    const scope = topics === 'all' ? topics : new Set(topics)
    return within(
      this.limitsOf(options),
      `Reading the metadata of ${this.name}`,
      this.#refresher.refresh(scope),
    )
  }

  /** The broker that leads a partition, asked for when it is not known. Errors: KAFKA_ERROR when there is none. */
  leaderOf(topic: string, partition: number, options: CallOptions = {}): Promise<number> {
    const limits = this.limitsOf(options)
    return retrying({ what: `leader of ${topic}-${partition}`, ...limits }, async ({ remainingMs }) => {
      const known = this.metadata.leaderOf(topic, partition)
      if (known !== null) return known
      await this.refresh([topic], { ...limits, timeoutMs: remainingMs })
      const leader = this.metadata.leaderOf(topic, partition)
      if (leader === null) throw this.leaderMissing(topic, partition)
      return leader
    })
  }

  /** The error that says why the metadata names no leader for a partition. */
  leaderMissing(topic: string, partition: number): KafkaError {
    const isThere = this.metadata.partition(topic, partition) !== undefined
    const code = isThere ? ErrorCode.LEADER_NOT_AVAILABLE : this.metadata.faultOf(topic)
    return new KafkaError(code, `leader of ${topic}-${partition} in ${this.name}`)
  }

  /** The broker that coordinates a group or a transactional id. Errors: KAFKA_ERROR. */
  async coordinator(kind: CoordinatorKind, key: string, options: CallOptions = {}): Promise<number> {
    return unwrap((await this.coordinators(kind, [key], options))[0]!)
  }

  /** The same for many keys at once; one outcome per key, in order. */
  coordinators(
    kind: CoordinatorKind,
    keys: readonly string[],
    options: CallOptions = {},
  ): Promise<Outcome<number>[]> {
    return this.#coordinators.find(kind, keys, this.limitsOf(options))
  }

  /** To be called when a broker says that it is not the coordinator (any more). */
  forgetCoordinator(kind: CoordinatorKind, key: string): void {
    this.#coordinators.forget(kind, key)
  }

  /** Closes all connections; whatever is pending is rejected with CONNECTION_CLOSED. */
  async close(): Promise<void> {
    const reason = new ClientError('CONNECTION_CLOSED', `Cluster ${this.name} was closed by kmc.`)
    this.#closing.abort(reason)
    this.#pool.close(reason)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /**
   * Reads brokers through a bootstrap address; its connection is kept when it turns out to lead to a known broker.
   */
  async #bootstrap(): Promise<void> {
    const { connection, metadata } = await this.#dialer.dialAny(this.#closing.signal)
    this.metadata.apply(metadata, new Set())
    const address = formatAddress(connection.address)
    const broker = this.metadata.brokers.find((candidate) => formatAddress(candidate) === address)
    if (broker === undefined || !this.#pool.adopt(broker.nodeId, CONTROL_LANE, connection)) connection.close()
  }

  async #openNode(nodeId: number, signal: AbortSignal): Promise<Connection> {
    if (this.metadata.broker(nodeId) === undefined) await this.refresh()
    const broker = this.metadata.broker(nodeId)
    if (broker === undefined) {
      throw new ClientError('NODE_UNKNOWN', `Cluster ${this.name} has no broker ${nodeId} at the moment.`)
    }
    return (await this.#dialer.dial(broker, signal)).connection
  }

  /** Prefers a broker that is connected already. */
  #anyConnection(lane: Lane, limits: WaitOptions): Promise<Connection> {
    const open = this.#pool.openNode(lane)
    if (open !== undefined) return this.#pool.get(open, lane, limits)
    return within(limits, `Connecting to a broker of ${this.name}`, this.#reachBroker(lane, limits))
  }

  /** When no known broker can be reached, the bootstrap addresses are read again: all may have moved (KIP-899). */
  async #reachBroker(lane: Lane, limits: WaitOptions): Promise<Connection> {
    const first = await this.#raceBrokers(lane, limits)
    if ('won' in first) return first.won
    const decisive = decisiveError(first.losses)
    if (decisive !== undefined) throw decisive
    await this.#bootstrap()
    const second = await this.#raceBrokers(lane, limits)
    if ('won' in second) return second.won
    throw this.#brokersUnreachable(second.losses)
  }

  #raceBrokers(lane: Lane, limits: WaitOptions) {
    const failuresOf = (nodeId: number): number => this.#pool.failuresOf(nodeId)
    const nodes = this.metadata.brokers.map(({ nodeId }) => nodeId)
    return staggeredRace({
      candidates: nodes.sort((a, b) => failuresOf(a) - failuresOf(b)),
      attempt: (nodeId) => this.#pool.get(nodeId, lane, limits),
      // A connection that came second stays in the pool, where it serves the next request to its broker.
      discard: () => {},
      staggerMs: BOOTSTRAP_STAGGER_MS,
    })
  }

  #brokersUnreachable(losses: readonly Loss<number>[]): ClientError {
    const reasons = losses.map(({ candidate, error }) => {
      const broker = this.metadata.broker(candidate)
      return { node: candidate, address: broker && formatAddress(broker), why: messageOf(error) }
    })
    const list = reasons.map(({ node, address, why }) => `\n  broker ${node} at ${address}: ${why}`).join('')
    return new ClientError(
      'BOOTSTRAP_UNREACHABLE',
      `A bootstrap address of ${this.name} answers, but none of the brokers it names can be reached:${list}`,
      {
        remedy: 'Correct advertised.listeners of the brokers, or make those addresses reachable from here.',
        context: { cluster: this.name, brokers: reasons },
      },
    )
  }

  async #askMetadata(scope: MetadataScope): Promise<void> {
    const limits = this.limitsOf({})
    const connection = await this.#anyConnection(CONTROL_LANE, limits)
    const topics = scope === 'all' ? null : [...scope].map((name) => ({ name }))
    const memo = this.#metadataMemo
    const answer = await connection.send(
      Metadata,
      { topics, allowAutoTopicCreation: false },
      { ...limits, memo },
    )
    this.#dialer.check(answer, connection.address)
    throwOnKafkaError(answer.errorCode, `metadata of ${this.name}`)
    this.metadata.apply(answer, scope)
  }
}
