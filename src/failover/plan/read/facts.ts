import { systemClock } from '../../../base/clock.ts'
import { whoami } from '../../../base/whoami.ts'
import { describeGroups } from '../../../client/admin/describe-groups.ts'
import { Cluster } from '../../../client/cluster.ts'
import type { ClusterConfig } from '../../../client/config.ts'
import { isKafkaError } from '../../../client/errors.ts'
import type { Outcome } from '../../../client/outcome.ts'
import { tell } from '../../../link/preflight/read/tell.ts'
import { workerGroupId } from '../../../link/share/roster.ts'
import type { LinkSpec } from '../../../link/spec.ts'
import { readState } from '../../../link/state/store.ts'
import type { StateView } from '../../../link/state/view.ts'
import type { LastSeen, LinkFacts, PlanFacts, RouteFacts, SideFacts, Told } from '../facts.ts'
import { Budget } from './budget.ts'
import { type DeclaredRoute, readRoute } from './route.ts'
import { readSide } from './side.ts'

/** A cluster that is gone costs this long; one that is there answers a first question in a fraction of it. */
const CONNECT_MS = 4_000
/** One that did not answer a moment ago is asked again, for clients wait. */
const CONNECT_AGAIN_MS = 1_000
/** For everything that is asked of a cluster that answers. */
const ASK_MS = 6_000

/** A route to look at. A cluster whose address or secret cannot be had is as good as one that is gone. */
export type PlanTarget = {
  readonly route: DeclaredRoute
  /** How each of both clusters is reached. */
  readonly access: ReadonlyMap<string, Outcome<ClusterConfig>>
  /** The link that keeps the topics of one cluster on the other; null without any. */
  readonly linkBetween: (from: string, to: string) => LinkSpec | null
  /** What workers of a link say, asked while the clusters are. */
  readonly lastSeen: (link: string) => Promise<LastSeen | null>
  readonly signal?: AbortSignal | undefined
  /** The cluster that did not answer when it was asked a moment ago. */
  readonly silent?: string | undefined
}

/** Reads both clusters of a route as they are now; asks and changes nothing. A cluster that is gone is a fact. */
export async function readPlanFacts(target: PlanTarget): Promise<PlanFacts> {
  const { primary, standby } = target.route
  const [first, second] = await Promise.all([connect(target, primary), connect(target, standby)])
  const connected = [first, second].flatMap((one) => (one.told ? [one.value] : []))
  try {
    const route = await readRoute(target.route, connected, ASK_MS)
    const isHome = route.active === primary
    return await factsOf(target, route, isHome ? [first, second] : [second, first])
  } finally {
    await Promise.all(connected.map((cluster) => cluster.close()))
  }
}

async function connect({ access, signal, silent }: PlanTarget, name: string): Promise<Told<Cluster>> {
  const config = access.get(name)
  if (config === undefined) return { told: false, why: `the fleet has no cluster ${name}` }
  if (!config.ok) return { told: false, why: config.error.message }
  const timeoutMs = name === silent ? CONNECT_AGAIN_MS : CONNECT_MS
  const limits = { connectTimeoutMs: timeoutMs, requestTimeoutMs: ASK_MS }
  return await tell(() => Cluster.connect({ ...config.value, ...limits }, { timeoutMs, signal }))
}

type Sides = readonly [from: Told<Cluster>, to: Told<Cluster>]

async function factsOf(target: PlanTarget, route: RouteFacts, [from, to]: Sides): Promise<PlanFacts> {
  const toName = route.active === route.primary ? route.standby : route.primary
  const spec = target.linkBetween(route.active, toName)
  const link = to.told && spec !== null ? await linkFacts(to.value, spec.name, target.signal) : notAsked(to)
  const mirrors = link.told ? (link.value?.mirrors ?? []) : []
  const sideOf = (cluster: Told<Cluster>, topics: readonly string[], writers: boolean) =>
    cluster.told ? lookAt(cluster.value, { topics, writers }, target.signal) : cluster
  const [here, there] = await Promise.all([
    sideOf(
      from,
      mirrors.map(({ topic }) => topic),
      true,
    ),
    sideOf(
      to,
      mirrors.map(({ mirror }) => mirror),
      false,
    ),
  ])
  const lastSeen = spec === null ? null : await target.lastSeen(spec.name)
  const by = whoami()
  return { at: systemClock.now(), by, route, spec, from: here, to: there, toName, link, lastSeen }
}

/** Without a link there is nothing to know of one. */
function notAsked(to: Told<Cluster>): Told<LinkFacts | null> {
  return to.told ? { told: true, value: null } : to
}

/** One side as it is now, as far as it answers. */
export async function lookAt(
  cluster: Cluster,
  scope: { readonly topics: readonly string[]; readonly writers: boolean },
  signal: AbortSignal | undefined,
): Promise<Told<SideFacts>> {
  const budget = new Budget(cluster.name, ASK_MS, signal)
  const fresh = await budget.ask('topics', () => cluster.refresh('all', budget.limits))
  return fresh.told ? { told: true, value: await readSide(cluster, scope, budget) } : fresh
}

/** What a destination remembers of a link. */
export async function linkFacts(
  cluster: Cluster,
  link: string,
  signal: AbortSignal | undefined,
): Promise<Told<LinkFacts | null>> {
  const budget = new Budget(cluster.name, ASK_MS, signal)
  const [state, workers] = await Promise.all([
    budget.ask('__kmc_state', () => readState(cluster)),
    budget.ask('the workers', () => workersOf(cluster, link, budget)),
  ])
  if (!state.told) return state
  return { told: true, value: state.value === null ? null : fromState(state.value, link, workers) }
}

function fromState(view: StateView, link: string, workers: Told<number>): LinkFacts | null {
  const record = view.link(link)
  if (record === null) return null
  const notes = [...view.owned(link).values()]
  const written = notes.flatMap((note) => (note.kind === 'group' ? [note] : []))
  const handOver = notes.flatMap((note) =>
    note.kind === 'handover' ? [[note.topic, note.acls] as const] : [],
  )
  return {
    name: link,
    desired: record.desired,
    generation: view.lease(link)?.generation ?? null,
    workers,
    producerIdsFrom: record.producerIdsFrom ?? null,
    mirrors: view.mirrors(link),
    written: new Map(written.map(({ group, offsets }) => [group, flat(offsets)])),
    handOver: new Map(handOver),
  }
}

function flat(offsets: Readonly<Record<string, Readonly<Record<string, number>>>>): Map<string, number> {
  return new Map(
    Object.entries(offsets).flatMap(([mirror, partitions]) =>
      Object.entries(partitions).map(([partition, offset]) => [`${mirror}-${partition}`, offset] as const),
    ),
  )
}

/** The workers of a link are the members of a group; one that was never there has none. */
async function workersOf(cluster: Cluster, link: string, budget: Budget): Promise<number> {
  const [outcome] = await describeGroups(cluster, [workerGroupId(link)], budget.limits)
  if (outcome!.ok) return outcome!.value.members.length
  if (isKafkaError(outcome!.error, 'GROUP_ID_NOT_FOUND')) return 0
  throw outcome!.error
}
