import { KmcError } from '../../base/error.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { carries, surveyTravel, type TravelSurvey } from '../../link/travel/survey.ts'
import { externalClusterConfig, linkSpec } from '../file/access.ts'
import { type AppliedFleet, readApplied } from '../file/applied.ts'
import type { ClusterDeclaration, LinkDeclaration, LoadedFleet } from '../file/fleet.ts'
import {
  entryOf,
  type ObservedCluster,
  type ObservedClusterState,
  type ObservedFleet,
} from '../plan/observed.ts'
import type { ClusterStatus, FleetStatus } from '../run/fleet-status.ts'
import { managedOnDisk } from '../run/managed.ts'
import { clusterConfig } from '../run/resolve-clusters.ts'
import { lookInto } from './look-into.ts'

/** For everything that is asked of one cluster; each has its own, so that a dead one delays no other. */
const CLUSTER_TIMEOUT_MS = 10_000

/** Gathers what a plan is made from. `supervisor` is what the supervisor says, where one runs. Writes nothing. */
export async function observeFleet(
  loaded: LoadedFleet,
  supervisor: FleetStatus | null,
  signal?: AbortSignal,
): Promise<ObservedFleet> {
  const applied = await readApplied(loaded.directory)
  const declared = loaded.fleet.clusters
  const removed = Object.entries(applied?.clusters ?? {}).flatMap(([name, { declaration }]) =>
    Object.hasOwn(declared, name) ? [] : [declaration],
  )
  const scene: Scene = { loaded, applied, supervisor, signal }
  const clusters = await Promise.all(
    [...Object.values(declared), ...removed].map((cluster) => observeCluster(cluster, scene)),
  )
  const travel = await surveys(loaded, clusters)
  const working = (supervisor?.links ?? []).filter(({ worker }) => worker?.state === 'running')
  return {
    at: Date.now(),
    applied,
    clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster])),
    workers: working.map(({ name }) => name),
    gateways: (supervisor?.routes ?? []).flatMap(({ name, worker }) =>
      worker?.state === 'running' ? [name] : [],
    ),
    travel,
  }
}

/** Dry runs of links that carry more than records; one that fails is told and hinders nothing. */
async function surveys(
  loaded: LoadedFleet,
  clusters: readonly ObservedCluster[],
): Promise<Record<string, TravelSurvey | { readonly trouble: string }>> {
  const ready = new Set(clusters.filter(({ state }) => state === 'ready').map(({ name }) => name))
  const links = Object.values(loaded.fleet.links).filter(
    ({ travel, from, to }) => carries(travel) && ready.has(from) && ready.has(to),
  )
  const access = (name: string) => clusterConfig(loaded.fleet.clusters[name]!, loaded.directory)
  const made = links.map(async (link) => {
    try {
      const [source, destination] = await Promise.all([access(link.from), access(link.to)])
      return [link.name, await surveyTravel(linkSpec(link, source, destination))] as const
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      return [link.name, { trouble: error.message }] as const
    }
  })
  return Object.fromEntries(await Promise.all(made))
}

type Scene = {
  readonly loaded: LoadedFleet
  readonly applied: AppliedFleet | null
  readonly supervisor: FleetStatus | null
  readonly signal: AbortSignal | undefined
}

async function observeCluster(cluster: ClusterDeclaration, scene: Scene): Promise<ObservedCluster> {
  try {
    return cluster.kind === 'managed' ? await managed(cluster, scene) : await external(cluster, scene)
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return unseen(cluster.name, cluster.kind === 'managed' ? 'failed' : 'unreachable', error)
  }
}

async function managed(
  cluster: ClusterDeclaration & { kind: 'managed' },
  scene: Scene,
): Promise<ObservedCluster> {
  const { state, access } = await managedOnDisk(cluster, scene.loaded.directory)
  if (access === null) return unseen(cluster.name, 'absent')
  const clusterId = access.expectedClusterId ?? null
  const said = scene.supervisor?.clusters.find(({ name }) => name === cluster.name) ?? null
  if (state === 'stopped') return { ...unseen(cluster.name, 'stopped'), clusterId, ...failure(said) }
  try {
    return await look(cluster, access, scene)
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return { ...unseen(cluster.name, stateSaid(said), error), clusterId }
  }
}

/** A cluster that is down because it failed is told apart from one that was stopped. */
function failure(said: ClusterStatus | null): Partial<ObservedCluster> {
  if (said?.state !== 'failed' || said.fault === null) return {}
  return { state: 'failed', trouble: { code: said.fault.code, message: said.fault.message } }
}

/** A broker that lives and does not answer is on its way up, unless its supervisor knows better. */
function stateSaid(said: ClusterStatus | null): ObservedClusterState {
  return said === null || said.state === 'ready' || said.state === 'unreachable' ? 'starting' : said.state
}

async function external(
  cluster: ClusterDeclaration & { kind: 'external' },
  scene: Scene,
): Promise<ObservedCluster> {
  const source = { directory: scene.loaded.directory, env: process.env }
  return await look(cluster, await externalClusterConfig(cluster, source), scene)
}

async function look(
  { name }: ClusterDeclaration,
  access: ClusterConfig,
  { loaded, applied, signal }: Scene,
): Promise<ObservedCluster> {
  // Whether it is the right cluster is for the plan to judge, which wants to know which one it is.
  const { expectedClusterId: _, ...config } = access
  const links = linksOf(loaded, applied)
  const seen = await lookInto(config, links, {
    timeoutMs: CLUSTER_TIMEOUT_MS,
    ...(signal !== undefined && { signal }),
  })
  return { name, state: 'ready', trouble: null, ...seen }
}

/** Links of the file and links that were applied: the destinations of both are looked at. */
function linksOf({ fleet }: LoadedFleet, applied: AppliedFleet | null): LinkDeclaration[] {
  const known = { ...applied?.leaving, ...applied?.links }
  const gone = Object.entries(known).filter(([name]) => entryOf(fleet.links, name) === null)
  return [...Object.values(fleet.links), ...gone.map(([, link]) => link)]
}

function unseen(name: string, state: ObservedClusterState, error: KmcError | null = null): ObservedCluster {
  const trouble = error === null ? null : { code: error.code, message: error.message }
  return { name, state, trouble, clusterId: null, brokers: null, topics: null, links: null }
}
