import { KmcError } from '../../base/error.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { within } from '../../client/deadline.ts'
import { type Outcome, outcomeOf } from '../../client/outcome.ts'
import { observeLink } from '../../link/observe.ts'
import { linkSpec } from '../file/access.ts'
import type { ClusterDeclaration, LinkDeclaration, LoadedFleet, RouteDeclaration } from '../file/fleet.ts'
import { troubleOf } from './cluster-runner.ts'
import type { ClusterStatus, FleetStatus, LinkOverview } from './fleet-status.ts'
import { linkOverview } from './link-overview.ts'
import { managedOnDisk } from './managed.ts'
import { observeRoute } from './observe-route.ts'
import { askClusterId } from './probe.ts'
import { resolveClusters } from './resolve-clusters.ts'
import { type RouteOverview, routeFromClusters } from './route-overview.ts'

/** For everything that is asked about one link or cluster; each has its own. */
const DEADLINE_MS = 10_000

type Accesses = ReadonlyMap<string, Outcome<ClusterConfig>>

/**
 * Status where no supervisor runs on this machine: what the clusters themselves show. Clusters and links are looked
 * at side by side. Where a link is worked on by a kmc elsewhere, what its workers tell is read from its destination.
 */
export async function statusFromClusters(loaded: LoadedFleet, signal: AbortSignal): Promise<FleetStatus> {
  const { fleet, file } = loaded
  const accesses = await resolveClusters(loaded)
  const scene: Scene = { loaded, accesses, signal }
  const [clusters, links, routes] = await Promise.all([
    Promise.all(Object.values(fleet.clusters).map((cluster) => clusterStatus(cluster, scene))),
    Promise.all(Object.values(fleet.links).map((link) => linkStatus(link, scene))),
    Promise.all(Object.values(fleet.routes).map((route) => routeStatus(route, scene))),
  ])
  return { fleet: fleet.name, file, at: Date.now(), supervisor: null, clusters, links, routes }
}

type Scene = { readonly loaded: LoadedFleet; readonly accesses: Accesses; readonly signal: AbortSignal }

async function clusterStatus(
  cluster: ClusterDeclaration,
  { loaded, accesses, signal }: Scene,
): Promise<ClusterStatus> {
  const { name, kind, region } = cluster
  const access = accesses.get(name)!
  const onDisk = kind === 'managed' ? await managedOnDisk(cluster, loaded.directory) : null
  const bootstrap = kind === 'external' ? cluster.bootstrap : (onDisk?.access?.bootstrap ?? [])
  const known = { name, kind, region, bootstrap, brokers: [] } as const
  const clusterId = onDisk?.access?.expectedClusterId ?? null
  if (!access.ok) {
    const state = kind === 'managed' ? 'stopped' : 'unreachable'
    return { ...known, clusterId, state, fault: kind === 'managed' ? null : troubleOf(access.error) }
  }
  const answer = await outcomeOf(askClusterId(access.value, signal))
  if (answer.ok) return { ...known, clusterId: answer.value, state: 'ready', fault: null }
  const state = kind === 'managed' ? 'starting' : 'unreachable'
  return { ...known, clusterId, state, fault: troubleOf(answer.error) }
}

async function routeStatus(route: RouteDeclaration, { accesses, signal }: Scene): Promise<RouteOverview> {
  const ends = [route.primary, route.standby].map((name) => accesses.get(name)!)
  return routeFromClusters(route, await observeRoute(route.name, ends, signal))
}

async function linkStatus(link: LinkDeclaration, { accesses, signal }: Scene): Promise<LinkOverview> {
  const { name, from, to } = link
  const known = { name, from, to, worker: null, isCurrent: false }
  try {
    const spec = linkSpec(link, accessTo(from, accesses), accessTo(to, accesses))
    const limits = { timeoutMs: DEADLINE_MS, signal }
    const status = await within(limits, `Looking at link ${name}`, observeLink(spec))
    return linkOverview({ ...known, status, trouble: null }, Date.now())
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    // That a managed cluster does not run is said of the cluster; the link is not faulted, it stands still with it.
    const trouble = error.code === 'CLUSTER_NOT_RUNNING' ? null : troubleOf(error)
    return linkOverview({ ...known, status: null, trouble }, Date.now())
  }
}

function accessTo(name: string, accesses: Accesses): ClusterConfig {
  const access = accesses.get(name)!
  if (!access.ok) throw access.error
  return access.value
}
