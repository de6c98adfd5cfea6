import { EventEmitter } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../base/error.ts'
import { cacheDirectory as defaultCacheDirectory } from '../cache-directory.ts'
import { PRIVATE_FILE_MODE, writeAtomically } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import { encodeProperties } from '../java-properties.ts'
import { FileLock } from '../lock.ts'
import { keepPorts, releasePorts } from '../ports.ts'
import type { LifecyclePolicy } from '../processes/lifecycle.ts'
import { readLivePid, writePidFile } from '../processes/pid-file.ts'
import type { CommandResult } from '../processes/run-command.ts'
import type { EngineLog, ProgressListener } from '../report.ts'
import { archiveFile } from './archive.ts'
import { trainArchive } from './archive-training.ts'
import type { BrokerNode } from './broker-node.ts'
import { recordFile } from './cluster-record.ts'
import type { ClusterPhase, ClusterState, NodeStatus } from './cluster-state.ts'
import { clusterStateOf, nodeStatusOf } from './cluster-state.ts'
import type { KafkaTools } from './format.ts'
import { ensureCheckpoint } from './format.ts'
import type { JavaToolOptions } from './java-tool.ts'
import { javaTool } from './java-tool.ts'
import { prepareCluster, readSecurity, securityFolder } from './prepare.ts'
import { BROKER_HOST, nodePaths } from './properties.ts'
import type { ClientAccess, ClusterSecurity } from './security.ts'
import { clientAccess, clientProperties } from './security.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { checkSpec } from './spec.ts'
import type { ClusterRecord } from './state-file.ts'
import { portsOf, readClusterRecord } from './state-file.ts'
import { stopBrokers } from './stop-brokers.ts'

/**
 * Asks one broker something that only a working one answers. Called often; false and rejection both mean "not
 * yet".
 */
export type ClusterProbe = (bootstrap: readonly string[], access: ClientAccess) => Promise<boolean>

export type ManagedClusterOptions = {
  readonly probe: ClusterProbe
  readonly log: EngineLog
  readonly progress?: ProgressListener
  /** Default: the user's cache. */
  readonly cacheDirectory?: string
  readonly policy?: Partial<LifecyclePolicy>
  /** `auto` (default): use a class-data archive when it is there, otherwise make one in the background. */
  readonly archive?: 'auto' | 'none'
}

/**
 * One Apache Kafka cluster that kmc runs on this machine. Emits `change` whenever its state or a broker's
 * changes.
 */
export class ManagedCluster extends EventEmitter<{ change: [ClusterState] }> {
  readonly spec: ManagedClusterSpec
  readonly #options: ManagedClusterOptions
  readonly #cache: string
  #phase: ClusterPhase = 'stopped'
  #failure: string | undefined
  #record: ClusterRecord | undefined
  #security: ClusterSecurity | undefined
  #nodes: readonly BrokerNode[] = []
  #lock: FileLock | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #abort = new AbortController()

  constructor(spec: ManagedClusterSpec, options: ManagedClusterOptions) {
    super()
    checkSpec(spec)
    this.spec = spec
    this.#options = options
    this.#cache = options.cacheDirectory ?? defaultCacheDirectory()
  }

  get state(): ClusterState {
    return clusterStateOf(this.#phase, this.nodes, this.#failure)
  }

  get nodes(): readonly NodeStatus[] {
    return this.#nodes.map(nodeStatusOf)
  }

  /** How kmc reaches the cluster. CLUSTER_NOT_PREPARED before the first `start` or `load`. */
  get clientAccess(): ClientAccess {
    return clientAccess(bootstrapOf(this.#known()), this.#security)
  }

  get clusterId(): string {
    return this.#known().clusterId
  }

  /**
   * Reads what is remembered of a cluster that may be down; false when it was never started. Writes nothing.
   */
  async load(): Promise<boolean> {
    if (this.#record === undefined) {
      this.#record = await readClusterRecord(recordFile(this.spec.directory))
      if (this.#record !== undefined) keepPorts(portsOf(this.#record))
      this.#security = this.#record?.security ? await readSecurity(this.spec.directory) : undefined
    }
    return this.#record !== undefined
  }

  /**
   * Starts all brokers and resolves when each of them answers; a broker of a running cluster that has failed
   * is started anew. When one does not come up, all are stopped again and the error says why: JAVA_MISSING,
   * MAVEN_MISSING, MAVEN_FAILED, KAFKA_VERSION_UNSUPPORTED, KAFKA_DOWNGRADE, PORT_TAKEN, CLUSTER_IN_USE,
   * CLUSTER_CHANGED, CLUSTER_CONFIG_RESERVED, ENGINE_START_FAILED, CLUSTER_STOPPED.
   */
  async start(): Promise<void> {
    await this.#stopping
    if (this.#phase === 'up') {
      await Promise.all(this.#nodes.map((node) => node.start()))
      return
    }
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  /**
   * Stops all brokers at once, each with a deadline after which it is killed. Resolves when none runs any
   * more.
   */
  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    await this.#stopping
  }

  /** Stops the cluster and removes all that it kept, its data included. */
  async destroy(): Promise<void> {
    await this.stop()
    const { directory } = this.spec
    const record = await readClusterRecord(recordFile(directory))
    if (record === undefined) return
    const lock = await this.#takeLock()
    try {
      const folders = record.nodes.map(({ id }) => nodePaths(directory, id).home)
      for (const path of [...folders, securityFolder(directory), join(directory, 'tools')]) {
        await rm(path, { recursive: true, force: true })
      }
      await rm(recordFile(directory), { force: true })
      releasePorts(portsOf(record))
      this.#record = undefined
      this.#security = undefined
      this.#nodes = []
    } finally {
      lock.release()
    }
  }

  /**
   * For tests: kills brokers with SIGKILL as a crash would; supervision starts them again. All when no id is
   * given.
   */
  kill(id?: number): void {
    for (const node of this.#selected(id)) node.process.signal('SIGKILL')
  }

  /** Stops one broker while the others go on. */
  async stopNode(id: number): Promise<void> {
    await Promise.all(this.#selected(id).map((node) => node.process.stop()))
  }

  /** Starts a broker that was stopped or has failed. */
  async startNode(id: number): Promise<void> {
    await Promise.all(this.#selected(id).map((node) => node.start()))
  }

  /**
   * Writes a properties file for Kafka's own Java clients and tools, readable for its owner only; returns its
   * path.
   */
  async clientProperties(path = join(this.spec.directory, 'tools', 'client.properties')): Promise<string> {
    const properties = clientProperties(bootstrapOf(this.#known()), this.#security)
    await mkdir(dirname(path), { recursive: true })
    await writeAtomically(path, encodeProperties(properties), PRIVATE_FILE_MODE)
    return path
  }

  /** Runs one of Kafka's Java tools with this cluster's jars. */
  javaTool(
    mainClass: string,
    args: readonly string[],
    options: JavaToolOptions = {},
  ): Promise<CommandResult> {
    return javaTool(this.spec.kafka, mainClass, args, { cacheDirectory: this.#cache, ...options })
  }

  async #start(): Promise<void> {
    this.#abort = new AbortController()
    const { signal } = this.#abort
    this.#failure = undefined
    this.#enter('starting')
    try {
      this.#lock = await this.#takeLock()
      await writePidFile(this.#ownerFile(), process.pid)
      const tools = await this.#prepare(signal)
      signal.throwIfAborted()
      await this.#startNodes()
      signal.throwIfAborted()
      this.#enter('up')
      this.#trainArchive(tools)
    } catch (error) {
      const stopped = signal.aborted
      if (!stopped) this.#failure = messageOf(error)
      await this.#halt()
      if (!stopped) throw error
      throw engineError('CLUSTER_STOPPED', `Cluster ${this.spec.name} was stopped while it was being started`)
    }
  }

  async #prepare(signal: AbortSignal): Promise<KafkaTools> {
    const { probe, log, progress = () => {}, policy = {}, archive = 'auto' } = this.#options
    const options = { probe, log, progress, policy, signal, cacheDirectory: this.#cache }
    const prepared = await prepareCluster(this.spec, { ...options, useArchive: archive === 'auto' })
    this.#record = prepared.record
    this.#security = prepared.security
    this.#nodes = prepared.nodes
    for (const node of this.#nodes) node.process.on('change', () => this.emit('change', this.state))
    return prepared.tools
  }

  async #startNodes(): Promise<void> {
    const { progress = () => {} } = this.#options
    const total = this.#nodes.length
    const text = `Starting ${this.spec.name}`
    let done = 0
    progress({ step: 'start', text, done, total })
    await Promise.all(
      this.#nodes.map(async (node) => {
        await node.start()
        progress({ step: 'start', text, done: ++done, total })
      }),
    )
  }

  /** Makes the archive for later starts, now that this one is over. */
  #trainArchive(tools: KafkaTools): void {
    const { archive = 'auto', probe, log, progress = () => {} } = this.#options
    if (archive !== 'auto') return
    const file = archiveFile(this.#cache, tools.java, tools.jars)
    const ask = (address: string) => probe([address], { bootstrap: [address] })
    const checkpoint = () => ensureCheckpoint(tools, this.#cache)
    void trainArchive({ ...tools, file, checkpoint, probe: ask, log, progress })
  }

  async #stop(): Promise<void> {
    this.#enter('stopping')
    this.#abort.abort()
    if (this.#starting === undefined) return this.#halt()
    // The start in flight sees the signal; its brokers are ended here so that it need not wait for their
    // answers.
    await Promise.all(this.#nodes.map((node) => node.process.stop()))
    await this.#starting.catch(() => {})
  }

  async #halt(): Promise<void> {
    await stopBrokers(this.#nodes)
    if (this.#lock !== undefined) await rm(this.#ownerFile(), { force: true })
    this.#lock?.release()
    this.#lock = undefined
    this.#enter('stopped')
  }

  async #takeLock(): Promise<FileLock> {
    const { name, directory } = this.spec
    const lock = FileLock.tryAcquire(join(directory, 'lock'))
    if (lock !== undefined) return lock
    const owner = await readLivePid(this.#ownerFile())
    const by = owner === undefined ? 'another process' : `process ${owner.pid}`
    const context = { cluster: name, pid: owner?.pid ?? null }
    throw engineError('CLUSTER_IN_USE', `Cluster ${name} in ${directory} is already run by ${by}`, {
      context,
    })
  }

  #ownerFile(): string {
    return join(this.spec.directory, 'owner')
  }

  #enter(phase: ClusterPhase): void {
    if (this.#phase === phase) return
    this.#phase = phase
    this.emit('change', this.state)
  }

  #known(): ClusterRecord {
    if (this.#record !== undefined) return this.#record
    throw engineError('CLUSTER_NOT_PREPARED', `Cluster ${this.spec.name} has never been started`)
  }

  #selected(id: number | undefined): readonly BrokerNode[] {
    return id === undefined ? this.#nodes : this.#nodes.filter(({ node }) => node.id === id)
  }
}

function bootstrapOf(record: ClusterRecord): string[] {
  return record.nodes.map(({ port }) => `${BROKER_HOST}:${port}`)
}
