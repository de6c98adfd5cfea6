import { resolve } from 'node:path'
import { silentLog } from '../../base/log.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { ManagedCluster, type ManagedClusterOptions } from '../../engine/kafka/cluster.ts'
import { recordFile } from '../../engine/kafka/cluster-record.ts'
import { nodePaths } from '../../engine/kafka/properties.ts'
import type { ManagedClusterSpec } from '../../engine/kafka/spec.ts'
import { readClusterRecord } from '../../engine/kafka/state-file.ts'
import { readLivePid } from '../../engine/processes/pid-file.ts'
import { fleetError } from '../errors.ts'
import type { ManagedClusterDeclaration } from '../file/fleet.ts'
import { brokerAnswers } from './probe.ts'
import { clusterDirectory, runPaths } from './run-paths.ts'

/** What the engine is told to run for a declaration; `home` is relative to the fleet file. */
function managedSpec(cluster: ManagedClusterDeclaration, fleetDirectory: string): ManagedClusterSpec {
  const { name, brokers, security, config, heapMiB, kafka } = cluster
  return {
    name,
    directory: clusterDirectory(runPaths(fleetDirectory), name),
    kafka: 'home' in kafka ? { home: resolve(fleetDirectory, kafka.home) } : kafka,
    brokers,
    basePort: cluster.port,
    security,
    config,
    ...(heapMiB !== null && { heapMiB }),
  }
}

export function managedCluster(
  cluster: ManagedClusterDeclaration,
  fleetDirectory: string,
  options: Pick<ManagedClusterOptions, 'log' | 'progress'>,
): ManagedCluster {
  return new ManagedCluster(managedSpec(cluster, fleetDirectory), { probe: brokerAnswers, ...options })
}

/** How to reach a managed cluster that this process runs, or that was loaded. */
function managedAccess(cluster: ManagedCluster): ClusterConfig {
  return { name: cluster.spec.name, ...cluster.clientAccess, expectedClusterId: cluster.clusterId }
}

/** What is known of a managed cluster without its supervisor, from its folder alone. Writes nothing. */
export type ManagedOnDisk = {
  readonly state: 'absent' | 'stopped' | 'running'
  /** null while absent. */
  readonly access: ClusterConfig | null
}

/** `running` means that at least one broker process of it lives; whether it answers is another question. */
export async function managedOnDisk(
  cluster: ManagedClusterDeclaration,
  fleetDirectory: string,
): Promise<ManagedOnDisk> {
  const engine = managedCluster(cluster, fleetDirectory, { log: silentLog })
  if (!(await engine.load())) return { state: 'absent', access: null }
  const pids = await liveBrokers(engine.spec.directory)
  return { state: pids.length > 0 ? 'running' : 'stopped', access: managedAccess(engine) }
}

/** The pids of brokers that run on a cluster's folder, whoever started them. */
async function liveBrokers(directory: string): Promise<number[]> {
  const record = await readClusterRecord(recordFile(directory))
  const pids = await Promise.all(
    (record?.nodes ?? []).map(({ id }) => readLivePid(nodePaths(directory, id).pidFile)),
  )
  return pids.flatMap((found) => (found === undefined ? [] : [found.pid]))
}

/** @throws CLUSTER_NOT_RUNNING */
export async function runningAccess(
  cluster: ManagedClusterDeclaration,
  fleetDirectory: string,
): Promise<ClusterConfig> {
  const { state, access } = await managedOnDisk(cluster, fleetDirectory)
  if (state === 'running' && access !== null) return access
  const why = state === 'absent' ? 'was never started' : 'does not run'
  throw fleetError('CLUSTER_NOT_RUNNING', `cluster ${cluster.name} ${why}`, {
    context: { cluster: cluster.name },
  })
}
