import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../src/base/log.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import type { ManagedClusterSpec } from '../../src/engine/kafka/spec.ts'
import { type Access, accessOf } from './access.ts'
import { answers } from './answers.ts'
import { temporaryDirectory } from './temporary.ts'
import { PATIENCE_MS, waitUntil } from './wait.ts'

export const NEWEST = '4.3.1' as const
export const OLDEST = '3.9.2'

export type ClusterChoice = {
  readonly kafka: typeof NEWEST | typeof OLDEST
  readonly brokers?: number
  readonly security?: boolean
  readonly config?: Readonly<Record<string, string>>
  /** A second listener of each broker, by id; see ManagedClusterSpec. */
  readonly forwarded?: ManagedClusterSpec['forwarded']
  /** Where it keeps its data. Default: a new temporary folder. */
  readonly directory?: string
  /** For clusters whose brokers are killed all the time. */
  readonly crashesMax?: number
}

/** Real suites run one file after another, so all take their ports from here on. */
export const BASE_PORT = Number(process.env.KMC_TEST_PORT ?? 21_000)
export const PORTS_PER_CLUSTER = 20
const HEAP_MIB = 192

/** Settings that make a broker do at once what it would do after minutes. */
const quickSettings = {
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '500',
  'log.segment.delete.delay.ms': '1000',
  'log.cleaner.backoff.ms': '500',
  'group.min.session.timeout.ms': '1000',
}

/** A cluster of a test file: where it is, and how to make it suffer. */
export class TestCluster {
  readonly name: string
  readonly #cluster: ManagedCluster
  readonly #directory: string

  constructor(cluster: ManagedCluster) {
    this.name = cluster.spec.name
    this.#cluster = cluster
    this.#directory = cluster.spec.directory
  }

  /** How kmc reaches it, as its super user where it is secured. */
  get config(): ClusterConfig {
    return { name: this.name, ...this.#cluster.clientAccess }
  }

  /** How foreign clients reach it, likewise. */
  get access(): Access {
    return accessOf(this.config, this.#caFile())
  }

  /** Where its brokers keep everything, for tests that damage files of a stopped cluster. */
  get directory(): string {
    return this.#directory
  }

  get clusterId(): string {
    return this.#cluster.clusterId
  }

  /** Ids of its brokers. */
  get brokers(): readonly number[] {
    return this.#cluster.nodes.map(({ id }) => id)
  }

  /** Kills a broker, or all, with SIGKILL, and waits until its supervision has brought it back. */
  async killAndAwait(broker?: number): Promise<void> {
    const before = this.#restarts()
    this.#cluster.kill(broker)
    const wanted = before + (broker === undefined ? this.#cluster.nodes.length : 1)
    const isBack = () => this.#restarts() >= wanted && this.#cluster.state.name === 'running'
    const lastSeen = () => this.#cluster.nodes
    await waitUntil(`${this.name} is back after a kill`, isBack, { withinMs: PATIENCE_MS, lastSeen })
  }

  /** Process of a broker; null while none runs. */
  pidOf(broker: number): number | null {
    return this.#nodeOf(broker).pid
  }

  /** Kills a broker with SIGKILL and waits for nothing; false when none runs. */
  kill(broker: number): boolean {
    if (this.pidOf(broker) === null) return false
    this.#cluster.kill(broker)
    return true
  }

  get isWhole(): boolean {
    return this.#cluster.state.name === 'running'
  }

  /** Waits until every broker answers; one that its supervision has given up is started again. */
  async awaitWhole(withinMs = PATIENCE_MS): Promise<void> {
    const look = async () => {
      for (const { id, state } of this.#cluster.nodes) {
        if (state === 'failed' || state === 'stopped') await this.#cluster.startNode(id)
      }
      return this.isWhole
    }
    const lastSeen = () => this.#cluster.nodes
    await waitUntil(`all brokers of ${this.name} answer`, look, { withinMs, lastSeen })
  }

  /** Waits until a broker has another process than `before`, or none. */
  async awaitAnother(broker: number, before: number | null): Promise<void> {
    const look = () => this.pidOf(broker) !== before
    await waitUntil(`broker ${broker} of ${this.name} is gone`, look, { withinMs: PATIENCE_MS })
  }

  /** Stops a broker as an operator does, and starts it again. */
  async restartGently(broker: number): Promise<void> {
    await this.#cluster.stopNode(broker)
    await this.#cluster.startNode(broker)
  }

  /** Stops a broker as an operator does, until it is started again. */
  stopBroker(broker: number): Promise<void> {
    return this.#cluster.stopNode(broker)
  }
  startBroker(broker: number): Promise<void> {
    return this.#cluster.startNode(broker)
  }

  /** Stops the whole cluster; `start` brings it back with its data. */
  stop(): Promise<void> {
    return this.#cluster.stop()
  }
  start(): Promise<void> {
    return this.#cluster.start()
  }

  /** Java and librdkafka take certificates as files. */
  #caFile(): string | undefined {
    const { tls } = this.#cluster.clientAccess
    if (tls === undefined) return undefined
    const path = join(this.#directory, 'ca-of-clients.pem')
    if (!existsSync(path)) writeFileSync(path, tls.ca)
    return path
  }

  #nodeOf(broker: number): ManagedCluster['nodes'][number] {
    const node = this.#cluster.nodes.find(({ id }) => id === broker)
    if (node === undefined) throw new Error(`${this.name} has no broker ${broker}`)
    return node
  }

  #restarts(): number {
    return this.#cluster.nodes.reduce((sum, { restarts }) => sum + restarts, 0)
  }
}

export type Clusters<Name extends string> = Readonly<Record<Name, TestCluster>>

/** Starts the clusters of a test file side by side; `stop` ends them, as does the end of this process. */
export async function startClusters<Name extends string>(
  choices: Readonly<Record<Name, ClusterChoice>>,
): Promise<{ readonly clusters: Clusters<Name>; readonly stop: () => Promise<void> }> {
  const root = temporaryDirectory('clusters')
  const made = (Object.entries(choices) as [Name, ClusterChoice][]).map(([name, choice], index) => {
    const { kafka, brokers = 1, security = false, config, crashesMax, forwarded } = choice
    const { directory = join(root, name) } = choice
    mkdirSync(directory, { recursive: true })
    const basePort = BASE_PORT + index * PORTS_PER_CLUSTER
    const settings = { ...quickSettings, ...config }
    const where = { name, directory, basePort, brokers, security, heapMiB: HEAP_MIB }
    const more = forwarded === undefined ? {} : { forwarded }
    const spec = { ...where, kafka: { version: kafka }, config: settings, ...more }
    const policy = crashesMax === undefined ? {} : { crashesMax }
    return new ManagedCluster(spec, { probe: answers, log: quietLog, policy })
  })
  const stop = async () => {
    await Promise.all(made.map((cluster) => cluster.stop()))
  }
  try {
    await Promise.all(made.map((cluster) => cluster.start()))
  } catch (error) {
    await stop()
    throw error
  }
  const clusters = Object.fromEntries(made.map((cluster) => [cluster.spec.name, new TestCluster(cluster)]))
  return { clusters: clusters as Clusters<Name>, stop }
}

/** Kills are part of the tests; what a broker does is in its own log. */
const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
