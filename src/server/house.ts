import type { Log } from '../base/log.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import type { ClusterDoors } from './cluster-doors.ts'

/** What routes work with: the fleet as it runs, and its clusters. */
export type House = {
  readonly version: string
  readonly log: Log
  readonly doors: ClusterDoors
  status(): FleetStatus
}
