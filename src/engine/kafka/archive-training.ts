import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../base/error.ts'
import { engineError } from '../errors.ts'
import type { Java } from '../java.ts'
import { FileLock } from '../lock.ts'
import { ephemeralPorts } from '../ports.ts'
import { lastLines } from '../processes/log-tail.ts'
import { runCommand } from '../processes/run-command.ts'
import type { EngineLog, ProgressListener } from '../report.ts'
import { archiveUse } from './archive.ts'
import { BrokerNode } from './broker-node.ts'
import type { KafkaJars } from './jars.ts'
import { kafkaCommand } from './jvm.ts'
import { randomUuid } from './state-file.ts'

export type ArchiveTraining = {
  /** The archive to make. */
  readonly file: string
  readonly java: Java
  readonly jars: KafkaJars
  /** Bootstrap records for the broker that is started for it. */
  readonly checkpoint: () => Promise<string>
  readonly probe: (address: string) => Promise<boolean>
  readonly log: EngineLog
  readonly progress: ProgressListener
  /** Default true: at the lowest priority, and without keeping this process alive. */
  readonly background?: boolean
}

const TRAINING_PREFIX = '.training-'
const START_DEADLINE_MS = 180_000
/** The JVM writes the archive at exit. */
const STOP_DEADLINE_MS = 180_000

const underWay = new Map<string, Promise<void>>()

/**
 * Makes a class-data archive behind the operator's back: a broker of its own, on an empty folder and at the
 * lowest priority, is started, asked once and stopped; its JVM writes the archive at exit.
 *
 * Not the operator's own first broker: dumping makes its end seconds longer, and gives nothing when it is
 * killed. Not before the first start either: that would delay it by the whole training. Failure is only
 * logged, since brokers start without an archive too. Resolves at once when another process is at it, and
 * when the archive is there.
 */
export function trainArchive(training: ArchiveTraining): Promise<void> {
  const { file } = training
  const running = underWay.get(file) ?? trainOnce(training).finally(() => underWay.delete(file))
  underWay.set(file, running)
  return running
}

/** Resolves when no training of this process is under way; for those who want to remove the cache. */
export async function trainingsEnded(): Promise<void> {
  await Promise.all(underWay.values())
}

async function trainOnce(training: ArchiveTraining): Promise<void> {
  const { file, log } = training
  if (archiveUse(file) !== undefined) return
  const folder = dirname(file)
  await mkdir(folder, { recursive: true })
  const lock = FileLock.tryAcquire(`${file}.lock`)
  if (lock === undefined) return
  try {
    await removeAbandoned(folder)
    await train(training, await mkdtemp(join(folder, TRAINING_PREFIX)))
  } catch (error) {
    log.warn(
      { file, error: messageOf(error) },
      'no class-data archive could be made; brokers start slower without it',
    )
  } finally {
    lock.release()
  }
}

async function train(
  { file, log, progress, checkpoint, background = true, ...plan }: ArchiveTraining,
  directory: string,
): Promise<void> {
  const [port, controllerPort] = await ephemeralPorts(2)
  const node = { id: 1, port: port!, controllerPort: controllerPort! }
  const kafkaVersion = plan.jars.version
  const place = { name: 'class-data', basePort: node.port, security: false }
  const record = { format: 1 as const, ...place, clusterId: randomUuid(), kafkaVersion, nodes: [node] }
  const spec = { ...place, directory, kafka: { version: kafkaVersion }, brokers: 1 }
  const made = join(directory, 'made.jsa')
  const broker = new BrokerNode(node, {
    ...plan,
    spec,
    record,
    checkpoint: await checkpoint(),
    security: undefined,
    log: silent(log),
    archive: () => ({ mode: 'dump', file: made }),
    policy: { startDeadlineMs: START_DEADLINE_MS, stopDeadlineMs: STOP_DEADLINE_MS },
    background,
  })
  try {
    progress({ step: 'archive', text: 'Preparing faster starts in the background', done: 0, total: 1 })
    await broker.prepare()
    await broker.start()
    await broker.process.stop()
    await proveArchive(plan.java, plan.jars, made)
    await rename(made, file)
    progress({ step: 'archive', text: 'Prepared faster starts', done: 1, total: 1 })
  } finally {
    await broker.process.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Lets a JVM that insists on the archive check every byte of it: a damaged one would crash brokers. */
async function proveArchive(java: Java, jars: KafkaJars, file: string): Promise<void> {
  const check = ['-XX:+IgnoreUnrecognizedVMOptions', '-XX:+VerifySharedSpaces', '-Xshare:on']
  const jvmOptions = ['-Xmx128m', `-XX:SharedArchiveFile=${file}`, ...check]
  const command = kafkaCommand({ java, jars, jvmOptions, mainClass: 'kafka.Kafka', args: ['--version'] })
  const { code, stdout, stderr } = await runCommand(command, { timeoutMs: START_DEADLINE_MS })
  if (code === 0) return
  const said = lastLines(`${stdout}\n${stderr}`, 5).join('\n')
  throw engineError('ENGINE_TOOL_FAILED', `The JVM does not accept the archive that it made: ${said}`)
}

/** Folders of trainings that were killed; the lock tells that none of them is at work. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(TRAINING_PREFIX)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** The training's broker is nobody's concern unless debugging. */
function silent(log: EngineLog): EngineLog {
  const debug = log.debug.bind(log)
  return { debug, info: debug, warn: debug, error: debug }
}
