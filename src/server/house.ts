import type { Log } from '../base/log.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import type { LagHistory } from '../observe/history/history.ts'
import type { AlertDesk } from './alerts/desk.ts'
import type { ClusterDoors } from './cluster-doors.ts'
import type { ClusterWatches } from './cluster-watches.ts'
import type { DriftWatch } from './drift/drift-watch.ts'

/** What routes work with: the fleet as it runs, and its clusters. */
export type House = {
  readonly version: string
  readonly log: Log
  readonly doors: ClusterDoors
  /** What the last looks at the clusters found: answers from here wait for nobody. */
  readonly watches: Pick<ClusterWatches, 'view' | 'all'>
  /** Lags over time; null where this process keeps none. */
  readonly history: LagHistory | null
  /** What differs between the two sides of each link. */
  readonly drift: Pick<DriftWatch, 'view'>
  /** What is wrong, and who is told; null where another process of the folder does that. */
  readonly alerts: AlertDesk | null
  status(): FleetStatus
  /** The cluster that REST Proxy v2 is for at the root, where paths name none: the declared one, or the only one. */
  restCluster(): string | null
}
