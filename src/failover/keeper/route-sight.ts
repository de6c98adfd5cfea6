import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { RouteRecord } from '../state/records.ts'

/** What a gateway sees of its route, for whoever looks after something beside the clients. */
export type RouteSight = {
  readonly route: string
  /** Both that it can lead to, by name. */
  readonly names: readonly [string, string]
  readonly log: Log
  /** What the gateway obeys. */
  readonly record: () => RouteRecord | null
  /** Those clusters of the route that are connected now, by name. */
  readonly clusters: () => ReadonlyMap<string, Cluster>
  readonly clock?: Clock
}
