import type { Cluster } from '../../client/cluster.ts'
import { StateLog } from '../../link/state/log.ts'
import { openLog, readLog } from '../../link/state/open.ts'
import { decodeRouteChange, encodeRouteChange, type RouteChange } from './records.ts'
import { RouteView } from './view.ts'

/** The facts about routes in `__kmc_state` on one cluster, read from the log and written to it. */
export class RouteLog extends StateLog<RouteChange> {
  /** The cluster's name in the fleet. */
  readonly cluster: string
  readonly view: RouteView

  constructor(cluster: Cluster) {
    const view = new RouteView()
    const apply = (change: RouteChange) => view.apply(change)
    super(cluster, { encode: encodeRouteChange, decode: decodeRouteChange, apply })
    this.cluster = cluster.name
    this.view = view
  }
}

/** What a cluster says of routes; null where kmc has never written there. Writes nothing. */
export async function readRoutes(cluster: Cluster): Promise<RouteView | null> {
  return (await readLog(cluster, { as: RouteLog }))?.view ?? null
}

/** Opens the state of a cluster, making its topic where there is none, and reads it to its end. */
export async function openRouteLog(cluster: Cluster): Promise<RouteLog> {
  return await openLog(cluster, { as: RouteLog })
}
