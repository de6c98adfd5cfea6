import type { Log } from '../base/log.ts'
import { nowMs } from '../client/clock.ts'
import { Cluster } from '../client/cluster.ts'
import type { ClusterConfig } from '../client/config.ts'
import { Deadline } from '../client/deadline.ts'
import { ClientError, KafkaError } from '../client/errors.ts'
import { Places } from './places.ts'
import { Silence } from './silence.ts'

export type DoorOptions = {
  readonly name: string
  /** How the cluster is reached; asked before each attempt to connect, as secrets and ports change. */
  readonly access: () => Promise<ClusterConfig>
  readonly log?: Log
  /** Uses at a time; more of them wait. */
  readonly usesMax?: number
}

export type UseOptions = {
  /** For the whole use, waiting and connecting included. Default 10 s. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const USES_MAX = 16
const WAITING_MAX = 64
const STREAMS_MAX = 32
const USE_TIMEOUT_MS = 10_000
const CONNECT_TIMEOUT_MS = 5_000
/** How long a cluster that could not be reached is refused without another look. */
const REFUSED_MS = 2_000

/**
 * One cluster behind a door. It is connected to at the first use and stays so; only so many uses run at a time, each
 * for so long; and while it cannot be reached, or answers nobody, every use is refused at once with the reason, but for
 * one try every two seconds. So a cluster that is down or hangs costs those who ask for others nothing.
 */
export class ClusterDoor implements AsyncDisposable {
  readonly name: string
  readonly #options: DoorOptions
  readonly #places: Places
  readonly #streams: Places
  readonly #closing = new AbortController()
  readonly #silence = new Silence()
  #cluster: Promise<Cluster> | null = null
  #refusal: { readonly error: unknown; readonly until: number } | null = null

  constructor(options: DoorOptions) {
    this.name = options.name
    this.#options = options
    this.#places = new Places(options.name, { usesMax: options.usesMax ?? USES_MAX, waitingMax: WAITING_MAX })
    this.#streams = new Places(options.name, { usesMax: STREAMS_MAX, waitingMax: 0 })
  }

  /**
   * @throws CLUSTER_BUSY when too many wait, REQUEST_TIMEOUT when time is up, what hindered the connection, and what
   * `run` throws
   */
  async use<T>(
    run: (cluster: Cluster, signal: AbortSignal) => Promise<T>,
    { timeoutMs = USE_TIMEOUT_MS, signal }: UseOptions = {},
  ): Promise<T> {
    const timeoutError = () => this.#tooSlow(timeoutMs)
    const signals =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    using deadline = new Deadline({
      what: `The use of ${this.name}`,
      timeoutMs,
      signal: signals,
      timeoutError,
    })
    if (this.#silence.refuses(nowMs())) throw this.#silent()
    const leave = await this.#places.take(deadline.signal)
    try {
      const cluster = await deadline.race(this.#connected())
      const result = await deadline.race(run(cluster, deadline.signal))
      this.#silence.answered()
      return result
    } catch (error) {
      if (error instanceof KafkaError) this.#silence.answered()
      else if (error instanceof ClientError && error.code === 'REQUEST_TIMEOUT')
        this.#silence.timedOut(nowMs())
      throw error
    } finally {
      leave()
    }
  }

  /**
   * What goes on until the signal fires, such as following a topic. Those have places of their own, so that open pages
   * keep nobody from asking. @throws CLUSTER_BUSY, what hindered the connection, and what `run` throws
   */
  async *stream<T>(
    run: (cluster: Cluster, signal: AbortSignal) => AsyncIterable<T>,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    const until = AbortSignal.any([signal, this.#closing.signal])
    const leave = await this.#streams.take(until)
    try {
      yield* run(await this.#connected(), until)
    } finally {
      leave()
    }
  }

  /** Forgets the connection: the cluster was restarted elsewhere, or has another certificate. */
  async renew(): Promise<void> {
    const cluster = this.#cluster
    this.#cluster = null
    this.#refusal = null
    await (await cluster?.catch(() => null))?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.renew()
  }

  async #connected(): Promise<Cluster> {
    if (this.#refusal !== null && nowMs() < this.#refusal.until) throw this.#refusal.error
    this.#cluster ??= this.#connect()
    return await this.#cluster
  }

  async #connect(): Promise<Cluster> {
    const { access, log } = this.#options
    try {
      const config = await access()
      const limits = { timeoutMs: CONNECT_TIMEOUT_MS, signal: this.#closing.signal }
      const cluster = await Cluster.connect(config, { ...limits, ...(log === undefined ? {} : { log }) })
      this.#refusal = null
      return cluster
    } catch (error) {
      this.#cluster = null
      this.#refusal = { error, until: nowMs() + REFUSED_MS }
      throw error
    }
  }

  #silent(): ClientError {
    const text = `Cluster ${this.name} accepts connections and answers nothing; it is asked again every two seconds.`
    return new ClientError('REQUEST_TIMEOUT', text, { context: { cluster: this.name } })
  }

  #tooSlow(timeoutMs: number): ClientError {
    const text = `Cluster ${this.name} did not answer within ${Math.round(timeoutMs)} ms.`
    return new ClientError('REQUEST_TIMEOUT', text, { context: { cluster: this.name } })
  }
}
