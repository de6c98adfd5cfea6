import { mkdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import type { KmcError } from '../../base/error.ts'
import { PRIVATE_FILE_MODE, writeAtomically } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import type { Java } from '../java.ts'
import { encodeProperties } from '../java-properties.ts'
import type { ProcessCommand } from '../processes/guardian.ts'
import type { LifecyclePolicy } from '../processes/lifecycle.ts'
import { fileSize, readTail } from '../processes/log-tail.ts'
import type { ProcessExit } from '../processes/supervised-process.ts'
import { SupervisedProcess } from '../processes/supervised-process.ts'
import type { EngineLog } from '../report.ts'
import type { Diagnosis } from './diagnosis.ts'
import { diagnose, diagnosisRemedies, telling } from './diagnosis.ts'
import { formatNode } from './format.ts'
import type { KafkaJars } from './jars.ts'
import type { ArchiveUse } from './jvm.ts'
import { archiveOptions, brokerJvmOptions, kafkaCommand } from './jvm.ts'
import { brokerLogging, loggingOption } from './logging.ts'
import type { NodePaths } from './properties.ts'
import { BROKER_HOST, brokerProperties, nodePaths } from './properties.ts'
import type { ClusterSecurity } from './security.ts'
import { securityProperties } from './security.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { HEAP_MIB_DEFAULT } from './spec.ts'
import type { ClusterRecord, NodeRecord } from './state-file.ts'

/** Everything a node needs to be run. */
export type NodePlan = {
  readonly spec: ManagedClusterSpec
  readonly record: ClusterRecord
  readonly java: Java
  readonly jars: KafkaJars
  readonly security: ClusterSecurity | undefined
  readonly checkpoint: string
  readonly archive: () => ArchiveUse
  readonly probe: (address: string) => Promise<boolean>
  readonly log: EngineLog
  readonly policy?: Partial<LifecyclePolicy>
  readonly background?: boolean
}

type Failure = {
  readonly diagnosis: Diagnosis
  /** The JVM itself broke. */
  readonly crashed: boolean
  readonly lines: readonly string[]
}

const crashSignals: ReadonlySet<NodeJS.Signals> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL'])

/** One broker of a managed cluster: its files and its supervised process. */
export class BrokerNode {
  readonly node: NodeRecord
  readonly paths: NodePaths
  readonly process: SupervisedProcess
  readonly #plan: NodePlan
  /** How long the logs were when the process was started: what follows is its own. */
  #marks = { console: 0, server: 0 }
  #archiveInUse: string | undefined
  #lastFailure: Failure | undefined

  constructor(node: NodeRecord, plan: NodePlan) {
    this.node = node
    this.#plan = plan
    this.paths = nodePaths(plan.spec.directory, node.id)
    this.process = new SupervisedProcess({
      name: `${plan.spec.name}/${node.id}`,
      command: () => this.#command(),
      pidFile: this.paths.pidFile,
      consoleFile: this.paths.console,
      probe: () => this.#probe(),
      explain: (exit) => this.#explain(exit),
      log: plan.log,
      ...(plan.policy === undefined ? {} : { policy: plan.policy }),
      ...(plan.background === undefined ? {} : { background: plan.background }),
    })
  }

  get address(): string {
    return `${BROKER_HOST}:${this.node.port}`
  }

  /** Formats the data directory the first time and writes the settings. */
  async prepare(): Promise<void> {
    const { spec, record, jars, security, checkpoint } = this.#plan
    await mkdir(this.paths.logs, { recursive: true })
    await formatNode(this.paths.data, { clusterId: record.clusterId, nodeId: this.node.id, checkpoint })
    const properties = {
      ...brokerProperties(spec, record, this.node, this.paths.data),
      ...(security === undefined ? {} : securityProperties(security)),
    }
    await writeAtomically(this.paths.properties, encodeProperties(properties), PRIVATE_FILE_MODE)
    await writeAtomically(this.paths.logging, brokerLogging(jars.logging, this.paths.serverLog))
  }

  /**
   * Starts the broker and waits until it answers. ENGINE_START_FAILED or PORT_TAKEN with the end of its log
   * otherwise.
   */
  async start(): Promise<void> {
    let state = await this.process.start()
    if (state.name === 'failed' && (await this.#dropBrokenArchive())) state = await this.process.start()
    if (state.name === 'failed') throw this.#startError(state.reason)
  }

  /** A damaged archive crashes the JVM before it says anything; without the archive it only starts slower. */
  async #dropBrokenArchive(): Promise<boolean> {
    const file = this.#archiveInUse
    if (file === undefined || this.#lastFailure?.crashed !== true) return false
    this.#plan.log.warn(
      { file, broker: this.process.name },
      'the JVM crashed at start: dropped the class-data archive',
    )
    await rm(file, { force: true })
    return true
  }

  async #command(): Promise<ProcessCommand> {
    const { spec, java, jars } = this.#plan
    const archive = this.#plan.archive()
    this.#archiveInUse = archive?.mode === 'use' ? archive.file : undefined
    this.#marks = {
      console: await fileSize(this.paths.console),
      server: await fileSize(this.paths.serverLog),
    }
    this.#lastFailure = undefined
    return kafkaCommand({
      java,
      jars,
      jvmOptions: [
        ...brokerJvmOptions(spec.heapMiB ?? HEAP_MIB_DEFAULT),
        ...archiveOptions(archive),
        `-XX:ErrorFile=${this.paths.logs}/jvm-error.log`,
        loggingOption(jars.logging, this.paths.logging),
        ...(spec.jvmOptions ?? []),
      ],
      mainClass: 'kafka.Kafka',
      args: [this.paths.properties],
      directory: this.paths.home,
    })
  }

  /** The cheap question first: while nothing listens, the caller's probe would only make and drop clients. */
  async #probe(): Promise<boolean> {
    return (await listens(this.node.port)) && (await this.#plan.probe(this.address))
  }

  async #explain({ code, signal }: ProcessExit): Promise<string> {
    const console = await readTail(this.paths.console, this.#marks.console)
    const server = await readTail(this.paths.serverLog, this.#marks.server)
    const diagnosis = diagnose(`${console}\n${server}`)
    const crashed = signal !== null && crashSignals.has(signal)
    this.#lastFailure = {
      diagnosis,
      crashed,
      lines: telling(`${server}\n${console}`),
    }
    if (diagnosis.cause !== 'UNKNOWN') return diagnosis.text
    if (crashed) return `its JVM crashed (${signal}); ${this.paths.logs}/jvm-error.log says where`
    if (signal !== null) return `it was ended by ${signal} from outside`
    return `it ended with exit code ${code}, and ${diagnosis.text}`
  }

  #startError(reason: string): KmcError {
    const { spec } = this.#plan
    const { diagnosis, lines = [] } = this.#lastFailure ?? {}
    const cause = diagnosis?.cause ?? 'UNKNOWN'
    const where = `Broker ${this.node.id} of cluster ${spec.name} (${this.address})`
    const context = { cluster: spec.name, node: this.node.id, cause, log: this.paths.serverLog }
    const shown = lines.length === 0 ? '' : `\nThe end of its log:\n${lines.join('\n')}`
    const message = `${where} did not come up: ${reason}. Its log is ${this.paths.serverLog}${shown}`
    const code = cause === 'PORT_TAKEN' ? 'PORT_TAKEN' : 'ENGINE_START_FAILED'
    return engineError(code, message, { context, remedy: diagnosisRemedies[cause] })
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: BROKER_HOST, port })
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
