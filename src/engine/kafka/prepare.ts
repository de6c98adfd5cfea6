import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { engineError } from '../errors.ts'
import type { Java } from '../java.ts'
import { findJava, JAVA_MAJOR_MIN } from '../java.ts'
import { requirePortFree } from '../ports.ts'
import type { LifecyclePolicy } from '../processes/lifecycle.ts'
import { endLeftover } from '../processes/pid-file.ts'
import type { EngineLog, ProgressListener } from '../report.ts'
import { archiveFile, archiveUse } from './archive.ts'
import { BrokerNode } from './broker-node.ts'
import { ensureCertificates, readCertificates } from './certificates.ts'
import { ensureClusterRecord } from './cluster-record.ts'
import { ensureCredentials, readCredentials } from './credentials.ts'
import type { KafkaTools } from './format.ts'
import { ensureCheckpoint, ensureSecuredCheckpoint } from './format.ts'
import { ensureKafka } from './jars.ts'
import { nodePaths } from './properties.ts'
import type { ClientAccess, ClusterSecurity } from './security.ts'
import { clientAccess } from './security.ts'
import type { ManagedClusterSpec } from './spec.ts'
import type { ClusterRecord } from './state-file.ts'
import { javaMajorMax } from './versions.ts'

const LEFTOVER_GRACE_MS = 15_000

export type Preparation = {
  readonly cacheDirectory: string
  readonly probe: (bootstrap: readonly string[], access: ClientAccess) => Promise<boolean>
  readonly log: EngineLog
  readonly progress: ProgressListener
  readonly policy: Partial<LifecyclePolicy>
  readonly useArchive: boolean
  readonly signal: AbortSignal
}

/** A cluster whose brokers can be started. */
export type PreparedCluster = {
  readonly record: ClusterRecord
  readonly security: ClusterSecurity | undefined
  readonly tools: KafkaTools
  readonly nodes: readonly BrokerNode[]
}

/**
 * From nothing, or from what an earlier run left, to brokers that can be started. The caller holds the
 * cluster's lock.
 */
export async function prepareCluster(
  spec: ManagedClusterSpec,
  options: Preparation,
): Promise<PreparedCluster> {
  const { cacheDirectory, progress, signal } = options
  // Java first: where it is missing, nobody should wait for a download.
  const java = await findJava()
  const jars = await ensureKafka(spec.kafka, { cacheDirectory, progress, signal })
  signal.throwIfAborted()
  if (java.major > javaMajorMax(jars.version)) {
    const message = `Kafka ${jars.version} does not run on Java ${java.major} (${java.home})`
    const newest = javaMajorMax(jars.version)
    const remedy = `Set JAVA_HOME to a Java from ${JAVA_MAJOR_MIN} to ${newest}, or choose Kafka 4.`
    throw engineError('JAVA_UNSUITABLE', message, { remedy, context: { java: java.home, major: java.major } })
  }
  const tools = { java, jars }
  const record = await ensureClusterRecord(spec, jars.version)
  await clearTheWay(record, spec, options.log)
  const security = record.security ? await ensureSecurity(spec, java, progress) : undefined
  const checkpoint = await checkpointOf(spec, tools, security, cacheDirectory)
  const file = archiveFile(cacheDirectory, java, jars)
  const archive = () => (options.useArchive ? archiveUse(file) : undefined)
  const probe = (address: string) => options.probe([address], clientAccess([address], security))
  const { log, policy } = options
  const plan = { spec, record, java, jars, security, checkpoint, archive, probe, log, policy }
  const nodes = record.nodes.map((node) => new BrokerNode(node, plan))
  await Promise.all(nodes.map((node) => node.prepare()))
  return { record, security, tools, nodes }
}

/** The security of a cluster that was made earlier; undefined for an open one. */
export async function readSecurity(directory: string): Promise<ClusterSecurity | undefined> {
  const folder = securityFolder(directory)
  const credentials = await readCredentials(folder)
  const certificates = await readCertificates(folder)
  return credentials === undefined || certificates === undefined ? undefined : { credentials, certificates }
}

export const securityFolder = (directory: string) => join(directory, 'security')

async function ensureSecurity(
  spec: ManagedClusterSpec,
  java: Java,
  progress: ProgressListener,
): Promise<ClusterSecurity> {
  const present = await readSecurity(spec.directory)
  if (present !== undefined) return present
  progress({ step: 'certificates', text: `Making certificates and passwords for ${spec.name}` })
  const folder = securityFolder(spec.directory)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const credentials = await ensureCredentials(folder)
  const options = { java, clusterName: spec.name, password: credentials.keystorePassword }
  return { credentials, certificates: await ensureCertificates(folder, options) }
}

function checkpointOf(
  spec: ManagedClusterSpec,
  tools: KafkaTools,
  security: ClusterSecurity | undefined,
  cacheDirectory: string,
): Promise<string> {
  if (security === undefined) return ensureCheckpoint(tools, cacheDirectory)
  const { credentials } = security
  return ensureSecuredCheckpoint(tools, { folder: securityFolder(spec.directory), credentials })
}

/** Ends brokers that a killed kmc left, then makes sure that nobody else holds a port. */
async function clearTheWay(record: ClusterRecord, spec: ManagedClusterSpec, log: EngineLog): Promise<void> {
  await Promise.all(
    record.nodes.map(async ({ id }) => {
      const pid = await endLeftover(nodePaths(spec.directory, id).pidFile, LEFTOVER_GRACE_MS)
      if (pid !== undefined) log.warn({ cluster: spec.name, node: id, pid }, 'ended a leftover broker')
    }),
  )
  for (const { id, port, controllerPort } of record.nodes) {
    await requirePortFree(port, `broker ${id} of cluster ${spec.name}`)
    if (controllerPort === null) continue
    await requirePortFree(controllerPort, `controller ${id} of cluster ${spec.name}`)
  }
}
