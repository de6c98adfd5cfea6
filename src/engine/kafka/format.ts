import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing, PRIVATE_FILE_MODE, readIfPresent } from '../durable-file.ts'
import { engineError } from '../errors.ts'
import type { Java } from '../java.ts'
import { encodeProperties } from '../java-properties.ts'
import { FileLock } from '../lock.ts'
import { lastLines } from '../processes/log-tail.ts'
import { runCommand } from '../processes/run-command.ts'
import type { ClusterCredentials } from './credentials.ts'
import { ADMIN_USER } from './credentials.ts'
import type { KafkaJars } from './jars.ts'
import { kafkaCommand } from './jvm.ts'
import { randomUuid } from './state-file.ts'

/**
 * The records with which a new cluster begins: feature levels and SCRAM users (BootstrapDirectory in Kafka's
 * metadata module).
 */
const CHECKPOINT = 'bootstrap.checkpoint'
const META = 'meta.properties'
const FORMAT_TIMEOUT_MS = 60_000
const WAIT_MS = 120_000

/** A Java and the Kafka that it runs. */
export type KafkaTools = { readonly java: Java; readonly jars: KafkaJars }

/**
 * The bootstrap records that Kafka's own StorageTool writes for this Kafka. They name neither cluster nor
 * node, so they are made once and kept in the cache: formatting a node is then two small files instead of a
 * JVM start of 0.7 s.
 */
export async function ensureCheckpoint(tools: KafkaTools, cacheDirectory: string): Promise<string> {
  const folder = join(cacheDirectory, 'format')
  const file = join(folder, `${tools.jars.version}-${tools.jars.fingerprint}.checkpoint`)
  if ((await readIfPresent(file)) !== undefined) return file
  const lock = await FileLock.acquire(`${file}.lock`, WAIT_MS)
  try {
    if ((await readIfPresent(file)) === undefined)
      await runStorageTool(tools, { folder, target: file, extraArguments: [] })
    return file
  } finally {
    lock.release()
  }
}

/**
 * The bootstrap records of a secured cluster: as above, with kmc's user for SCRAM. Made once per cluster,
 * since they hold its salted password; `target` is for the owner's eyes only.
 */
export async function ensureSecuredCheckpoint(
  tools: KafkaTools,
  options: { readonly folder: string; readonly credentials: ClusterCredentials },
): Promise<string> {
  const target = join(options.folder, CHECKPOINT)
  if ((await readIfPresent(target)) !== undefined) return target
  const login = `name=${ADMIN_USER},password=${options.credentials.adminPassword.reveal()}`
  const extraArguments = ['--add-scram', `SCRAM-SHA-512=[${login}]`]
  await runStorageTool(tools, { folder: options.folder, target, extraArguments })
  return target
}

/**
 * Formats a node's data directory, unless it is one already: meta.properties as MetaProperties V1 of Kafka
 * writes it, beside the bootstrap records. It appears in one rename, so a half-formatted node cannot be.
 * CLUSTER_CHANGED when the directory belongs to another cluster or node, or holds something else.
 */
export async function formatNode(
  dataDirectory: string,
  node: { readonly clusterId: string; readonly nodeId: number; readonly checkpoint: string },
): Promise<void> {
  const meta = await readIfPresent(join(dataDirectory, META))
  if (meta !== undefined) return checkOwner(dataDirectory, meta, node)
  if ((await entriesOf(dataDirectory)).length > 0) {
    const message = `${dataDirectory} is not empty but has no ${META}: it is damaged or not Kafka's`
    throw engineError('CLUSTER_CHANGED', message, { remedy: 'Restore it from a copy, or move it away.' })
  }
  const work = `${dataDirectory}.new`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true, mode: 0o700 })
  await copyFile(node.checkpoint, join(work, CHECKPOINT))
  const properties = {
    version: '1',
    'cluster.id': node.clusterId,
    'node.id': String(node.nodeId),
    'directory.id': randomUuid(),
  }
  await writeFile(join(work, META), encodeProperties(properties))
  await rename(work, dataDirectory)
}

function checkOwner(
  directory: string,
  meta: string,
  node: { readonly clusterId: string; readonly nodeId: number },
): void {
  const field = (name: string) =>
    new RegExp(`^${name.replace('.', '\\.')}=(.*)$`, 'm').exec(meta)?.[1]?.trim()
  const [clusterId, nodeId] = [field('cluster.id'), field('node.id')]
  if (clusterId === node.clusterId && nodeId === String(node.nodeId)) return
  const wanted = `node ${node.nodeId} of cluster ${node.clusterId}`
  const message = `${directory} holds node ${nodeId} of cluster ${clusterId}, not ${wanted}`
  throw engineError('CLUSTER_CHANGED', message, {
    remedy: 'Put the right data directory back, or move this one away.',
  })
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Lets Kafka's StorageTool format a scratch node and keeps its bootstrap records at `target`. */
async function runStorageTool(
  { java, jars }: KafkaTools,
  { folder, target, extraArguments }: { folder: string; target: string; extraArguments: readonly string[] },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, '.format-'))
  try {
    const [settings, argumentsFile, data] = [
      join(work, 'server.properties'),
      join(work, 'arguments'),
      join(work, 'data'),
    ]
    await writeFile(settings, encodeProperties(scratchNode(data)))
    // The tool takes arguments from a file after `@`: a password in argv could be read by every user.
    const args = ['format', '--cluster-id', randomUuid(), '--config', settings, ...extraArguments]
    await writeFile(argumentsFile, `${args.join('\n')}\n`, { mode: PRIVATE_FILE_MODE })
    const command = kafkaCommand({
      java,
      jars,
      jvmOptions: ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      mainClass: 'kafka.tools.StorageTool',
      args: [`@${argumentsFile}`],
    })
    const result = await runCommand(command, { timeoutMs: FORMAT_TIMEOUT_MS })
    if (result.code !== 0) {
      const said = lastLines(`${result.stdout}\n${result.stderr}`, 5).join('\n')
      throw engineError(
        'ENGINE_TOOL_FAILED',
        `Kafka's StorageTool ended with exit code ${result.code}: ${said}`,
      )
    }
    await copyFile(join(data, CHECKPOINT), join(work, CHECKPOINT))
    await chmod(join(work, CHECKPOINT), PRIVATE_FILE_MODE)
    await rename(join(work, CHECKPOINT), target)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The least that StorageTool needs to format a node of a static quorum. */
function scratchNode(data: string): Record<string, string> {
  return {
    'node.id': '1',
    'process.roles': 'broker,controller',
    listeners: 'CLIENT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093',
    'listener.security.protocol.map': 'CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'CLIENT',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': '1@127.0.0.1:19093',
    'log.dirs': data,
  }
}
