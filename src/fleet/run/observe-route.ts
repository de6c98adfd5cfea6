import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { type Outcome, outcomeOf } from '../../client/outcome.ts'
import { readRoutes } from '../../failover/state/log.ts'
import { highest } from '../../failover/state/rank.ts'
import type { GatewayRecord, RouteRecord } from '../../failover/state/records.ts'
import { latestGateways } from '../../failover/state/store.ts'
import type { RouteView } from '../../failover/state/view.ts'

/** What both clusters of a route say of it. */
export type SeenRoute = { readonly record: RouteRecord | null; readonly gateways: readonly GatewayRecord[] }

const TIMEOUT_MS = 5_000

/** Reads the state of a route on both its clusters, as far as they answer. Writes nothing. */
export async function observeRoute(
  name: string,
  accesses: readonly Outcome<ClusterConfig>[],
  signal?: AbortSignal,
): Promise<SeenRoute> {
  const reached = accesses.flatMap((access) => (access.ok ? [access.value] : []))
  const outcomes = await Promise.all(reached.map((config) => outcomeOf(readFrom(config, signal))))
  const views = outcomes.flatMap((outcome) => (outcome.ok && outcome.value !== null ? [outcome.value] : []))
  return {
    record: highest(views.map((view) => view.route(name))),
    gateways: latestGateways(views.map((view) => view.gateways(name))),
  }
}

async function readFrom(config: ClusterConfig, signal: AbortSignal | undefined): Promise<RouteView | null> {
  const limits = { timeoutMs: TIMEOUT_MS, ...(signal !== undefined && { signal }) }
  const cluster = await Cluster.connect({ ...config, requestTimeoutMs: TIMEOUT_MS }, limits)
  try {
    return await readRoutes(cluster)
  } finally {
    await cluster.close()
  }
}
