import { EventEmitter } from 'node:events'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheDirectory as defaultCacheDirectory } from '../cache-directory.ts'
import { PRIVATE_FILE_MODE, writeDurably } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import type { Java } from '../java.ts'
import { findJava } from '../java.ts'
import { encodeProperties } from '../java-properties.ts'
import { FileLock } from '../lock.ts'
import { releasePorts, requirePortFree } from '../ports.ts'
import type { LifecyclePolicy } from '../processes/lifecycle.ts'
import { endLeftover, readLivePid, writePidFile } from '../processes/pid-file.ts'
import type { CommandResult } from '../processes/run-command.ts'
import type { EngineLog, ProgressListener } from '../report.ts'
import { archiveFor } from './archive.ts'
import { BrokerNode } from './broker-node.ts'
import { ensureCertificates } from './certificates.ts'
import { ensureClusterRecord, recordFile } from './cluster-record.ts'
import type { ClusterState, NodeStatus } from './cluster-state.ts'
import { clusterStateOf, nodeStatusOf } from './cluster-state.ts'
import { ensureCredentials } from './credentials.ts'
import { ensureCheckpoint, ensureSecuredCheckpoint } from './format.ts'
import type { KafkaJars } from './jars.ts'
import { ensureKafka } from './jars.ts'
import type { JavaToolOptions } from './java-tool.ts'
import { javaTool } from './java-tool.ts'
import type { ArchiveUse } from './jvm.ts'
import { BROKER_HOST, nodePaths } from './properties.ts'
import type { ClientAccess, ClusterSecurity } from './security.ts'
import { clientAccess, clientProperties } from './security.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { checkSpec } from './spec.ts'
import type { ClusterRecord } from './state-file.ts'
import { readClusterRecord } from './state-file.ts'

/** Asks one broker something that only a working one answers. Called often; false and rejection both mean "not yet". */
export type ClusterProbe = (bootstrap: readonly string[], access: ClientAccess) => Promise<boolean>

export type ManagedClusterOptions = {
  readonly probe: ClusterProbe
  readonly log: EngineLog
  readonly progress?: ProgressListener
  /** Default: the user's cache. */
  readonly cacheDirectory?: string
  readonly policy?: Partial<LifecyclePolicy>
  /** `use` (default) an archive that is there; `none`; or make one at `dump` (its file) when the broker ends. */
  readonly archive?: 'use' | 'none' | { readonly dump: string }
  /** Runs at the lowest priority and does not keep this process alive; for work behind the operator's back. */
  readonly background?: boolean
}

const LEFTOVER_GRACE_MS = 15_000

/** One Apache Kafka cluster that kmc runs on this machine. Emits `change` whenever its state or a broker's changes. */
export class ManagedCluster extends EventEmitter<{ change: [ClusterState] }> {
  readonly spec: ManagedClusterSpec
  readonly #options: ManagedClusterOptions
  readonly #cache: string
  #phase: 'stopped' | 'starting' | 'up' | 'stopping' = 'stopped'
  #failure: string | undefined
  #record: ClusterRecord | undefined
  #security: ClusterSecurity | undefined
  #nodes: readonly BrokerNode[] = []
  #lock: FileLock | undefined
  #starting: Promise<void> | undefined

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

  /** Reads what is remembered of a cluster that may be down; false when it was never started. Writes nothing. */
  async load(): Promise<boolean> {
    this.#record ??= await readClusterRecord(recordFile(this.spec.directory))
    if (this.#record?.security && this.#security === undefined)
      this.#security = await this.#ensureSecurity(await findJava())
    return this.#record !== undefined
  }

  /**
   * Starts all brokers and resolves when each of them answers. When one does not come up, all are stopped again and the
   * error says why: JAVA_MISSING, MAVEN_MISSING, MAVEN_FAILED, KAFKA_VERSION_UNSUPPORTED, PORT_TAKEN, CLUSTER_IN_USE,
   * CLUSTER_CHANGED, CLUSTER_CONFIG_RESERVED, ENGINE_START_FAILED, CLUSTER_STOPPED.
   */
  async start(): Promise<void> {
    if (this.#phase === 'stopping') await this.stop()
    if (this.#phase === 'up') await this.stop()
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    await this.#starting
  }

  /** Stops all brokers at once, each with a deadline after which it is killed. Resolves when none runs any more. */
  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return
    this.#enter('stopping')
    if (this.#starting !== undefined) {
      await Promise.all(this.#nodes.map((node) => node.process.stop()))
      await this.#starting.catch(() => {})
    }
    await this.#halt()
  }

  /** Stops the cluster and removes all that it kept, its data included. */
  async destroy(): Promise<void> {
    await this.stop()
    const record = this.#record ?? (await readClusterRecord(recordFile(this.spec.directory)))
    if (record === undefined) return
    const lock = await this.#takeLock()
    try {
      for (const { id } of record.nodes)
        await rm(nodePaths(this.spec.directory, id).home, { recursive: true, force: true })
      for (const name of ['security', 'tools'])
        await rm(join(this.spec.directory, name), { recursive: true, force: true })
      await rm(recordFile(this.spec.directory), { force: true })
      releasePorts(record.nodes.flatMap(({ port, controllerPort }) => [port, controllerPort ?? port]))
      this.#record = undefined
      this.#security = undefined
    } finally {
      lock.release()
    }
  }

  /** For tests: kills brokers with SIGKILL as a crash would; supervision starts them again. All when no id is given. */
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

  /** Writes a properties file for Kafka's own Java clients and tools, readable for its owner only; returns its path. */
  async clientProperties(path = join(this.spec.directory, 'tools', 'client.properties')): Promise<string> {
    const properties = clientProperties(bootstrapOf(this.#known()), this.#security)
    await mkdir(join(path, '..'), { recursive: true })
    await writeDurably(path, encodeProperties(properties), PRIVATE_FILE_MODE)
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
    this.#failure = undefined
    this.#enter('starting')
    try {
      this.#lock ??= await this.#takeLock()
      await writePidFile(join(this.spec.directory, 'owner'), process.pid)
      await this.#build()
      this.#notStopped()
      await this.#startNodes()
      this.#notStopped()
      this.#enter('up')
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error)
      await this.#halt()
      throw error
    }
  }

  /** From nothing to nodes that can be started. */
  async #build(): Promise<void> {
    const { spec } = this
    const { progress = () => {} } = this.#options
    const [java, jars] = await Promise.all([
      findJava(),
      ensureKafka(spec.kafka, { cacheDirectory: this.#cache, progress }),
    ])
    this.#notStopped()
    const record = await ensureClusterRecord(spec, jars.version)
    this.#record = record
    await this.#clearTheWay(record)
    if (record.security) this.#security = await this.#ensureSecurity(java)
    const checkpoint = await this.#checkpoint({ java, jars })
    const archive = await this.#archive(java, jars)
    const { probe, log, policy, background } = this.#options
    this.#nodes = record.nodes.map((node) => {
      const plan = { spec, record, java, jars, security: this.#security, checkpoint, archive, log }
      const ask = (address: string) => probe([address], clientAccess([address], this.#security))
      const extra = {
        ...(policy === undefined ? {} : { policy }),
        ...(background === undefined ? {} : { background }),
      }
      const made = new BrokerNode(node, { ...plan, ...extra, probe: ask })
      made.process.on('change', () => this.emit('change', this.state))
      return made
    })
    await Promise.all(this.#nodes.map((node) => node.prepare()))
  }

  /** Ends brokers that a killed kmc left, then makes sure that nobody else holds a port. */
  async #clearTheWay(record: ClusterRecord): Promise<void> {
    await Promise.all(
      record.nodes.map(async ({ id }) => {
        const pid = await endLeftover(nodePaths(this.spec.directory, id).pidFile, LEFTOVER_GRACE_MS)
        if (pid !== undefined)
          this.#options.log.warn({ cluster: this.spec.name, node: id, pid }, 'ended a leftover broker')
      }),
    )
    for (const { id, port, controllerPort } of record.nodes) {
      await requirePortFree(port, `broker ${id} of cluster ${this.spec.name}`)
      if (controllerPort !== null)
        await requirePortFree(controllerPort, `controller ${id} of cluster ${this.spec.name}`)
    }
  }

  async #ensureSecurity(java: Java): Promise<ClusterSecurity> {
    const folder = join(this.spec.directory, 'security')
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const credentials = await ensureCredentials(join(folder, 'passwords.json'))
    const options = { java, clusterName: this.spec.name, password: credentials.keystorePassword }
    return { credentials, certificates: await ensureCertificates(folder, options) }
  }

  #checkpoint(tools: { java: Java; jars: KafkaJars }): Promise<string> {
    if (this.#security === undefined) return ensureCheckpoint(tools, this.#cache)
    const { credentials } = this.#security
    return ensureSecuredCheckpoint(tools, { folder: join(this.spec.directory, 'security'), credentials })
  }

  async #archive(java: Java, jars: KafkaJars): Promise<() => ArchiveUse> {
    const { archive = 'use' } = this.#options
    if (archive === 'none') return () => undefined
    if (archive !== 'use') return () => ({ mode: 'dump', file: archive.dump })
    return archiveFor({ java, jars, spec: this.spec, cacheDirectory: this.#cache })
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

  async #halt(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.process.stop()))
    if (this.#lock !== undefined) await rm(join(this.spec.directory, 'owner'), { force: true })
    this.#lock?.release()
    this.#lock = undefined
    this.#enter('stopped')
  }

  async #takeLock(): Promise<FileLock> {
    const lock = FileLock.tryAcquire(join(this.spec.directory, 'lock'))
    if (lock !== undefined) return lock
    const owner = await readLivePid(join(this.spec.directory, 'owner'))
    const by = owner === undefined ? 'another process' : `process ${owner.pid}`
    const message = `Cluster ${this.spec.name} in ${this.spec.directory} is already run by ${by}`
    throw engineError('CLUSTER_IN_USE', message, {
      context: { cluster: this.spec.name, pid: owner?.pid ?? null },
    })
  }

  #notStopped(): void {
    if (this.#phase === 'starting') return
    throw engineError('CLUSTER_STOPPED', `Cluster ${this.spec.name} was stopped while it was being started`)
  }

  #enter(phase: 'stopped' | 'starting' | 'up' | 'stopping'): void {
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
