import type { Cluster } from '../../../client/cluster.ts'
import { readRoutes } from '../../state/log.ts'
import { highest } from '../../state/rank.ts'
import type { FailoverRecord, GatewayRecord } from '../../state/records.ts'
import { latestGateways, latestRun } from '../../state/store.ts'
import type { GatewayFacts, RouteFacts } from '../facts.ts'
import { Budget } from './budget.ts'

/** A route as declared. */
export type DeclaredRoute = Pick<RouteFacts, 'name' | 'primary' | 'standby'>

/**
 * Where a route leads, and who serves it: what the logs of those clusters say that answer. Where nothing can be read it
 * is where it was declared; what then cannot be done is refused for other reasons.
 */
export async function readRoute(
  declared: DeclaredRoute,
  clusters: readonly Cluster[],
  timeoutMs: number,
): Promise<RouteFacts> {
  const { name, primary } = declared
  const told = await Promise.all(
    clusters.map((cluster) => new Budget(cluster.name, timeoutMs).ask('routes', () => readRoutes(cluster))),
  )
  const views = told.flatMap((one) => (one.told ? (one.value ?? []) : []))
  const record = highest(views.map((view) => view.route(name)))
  const gateways = latestGateways(views.map((view) => view.gateways(name)))
  const run = latestRun(views.map((view) => view.failover(name)))
  return {
    ...declared,
    epoch: record?.epoch ?? 0,
    moves: record?.moves ?? 0,
    active: record?.active ?? primary,
    gateways: gateways.filter(({ gone }) => !gone).map(gatewayFacts),
    running: run?.state === 'running' ? runOf(run) : null,
  }
}

function gatewayFacts(record: GatewayRecord): GatewayFacts {
  const { id, host, pid, mayWrite, lostSince, connections, leaseMs, at } = record
  return { id, host, pid, mayWrite, lostSince, connections, leaseMs, at }
}

function runOf({ id, plan, step, runner }: FailoverRecord): RouteFacts['running'] {
  return { id, plan, step, by: `${runner.user} on ${runner.host}` }
}
