import type { ClusterConfig } from '../../client/config.ts'
import { type Outcome, outcomeOf } from '../../client/outcome.ts'
import { externalClusterConfig } from '../file/access.ts'
import type { ClusterDeclaration, LoadedFleet } from '../file/fleet.ts'
import { runningAccess } from './managed.ts'

/**
 * How every cluster of the fleet is reached now, by name, without a supervisor: external ones from the file (secrets
 * are looked up now), managed ones from what the engine keeps under `.kmc/clusters`. One that cannot be reached is
 * an outcome with an error (CLUSTER_NOT_RUNNING, SECRET_UNAVAILABLE) and hinders no other.
 */
export async function resolveClusters({
  fleet,
  directory,
}: LoadedFleet): Promise<Map<string, Outcome<ClusterConfig>>> {
  const entries = Object.values(fleet.clusters).map(
    async (cluster) => [cluster.name, await outcomeOf(clusterConfig(cluster, directory))] as const,
  )
  return new Map(await Promise.all(entries))
}

/** The same for one cluster. @throws CLUSTER_NOT_RUNNING, SECRET_UNAVAILABLE */
export function clusterConfig(cluster: ClusterDeclaration, directory: string): Promise<ClusterConfig> {
  return cluster.kind === 'managed'
    ? runningAccess(cluster, directory)
    : externalClusterConfig(cluster, { directory, env: process.env })
}
