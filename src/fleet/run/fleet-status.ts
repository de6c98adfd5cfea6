import type {
  Fault,
  FaultCount,
  GroupStatus,
  Lag,
  LinkBudget,
  LinkCounters,
  LinkState,
  LinkStatus,
  LinkWorkerStatus,
  MirrorStatus,
} from '../../link/status.ts'
import type { TravelStatus } from '../../link/travel/status.ts'
import type { RouteOverview } from './route-overview.ts'

/**
 * `ready` answers requests; `unreachable` is external and does not; `failed` ended by itself and could not be
 * brought back.
 */
export type ClusterState = 'stopped' | 'starting' | 'ready' | 'stopping' | 'failed' | 'unreachable'

/** Why something does not work, in the words of an error. */
export type Trouble = { readonly code: string; readonly message: string; readonly remedy: string | null }

export type BrokerStatus = {
  readonly id: number
  readonly state: string
  readonly pid: number | null
  readonly port: number | null
  /** How often it was started again after ending by itself. */
  readonly restarts: number | null
}

export type ClusterStatus = {
  readonly name: string
  readonly kind: 'managed' | 'external'
  readonly region: string | null
  readonly bootstrap: readonly string[]
  readonly state: ClusterState
  readonly clusterId: string | null
  readonly brokers: readonly BrokerStatus[]
  readonly fault: Trouble | null
}

/** The process that works on a link, and on others perhaps, as its supervisor sees it. */
export type WorkerStatus = {
  readonly state: 'running' | 'waiting' | 'stopped'
  readonly pid: number | null
  readonly startedAt: number | null
  /** Starts after the first. */
  readonly restarts: number
  /** When it will be started again; null unless `waiting`. */
  readonly nextStartAt: number | null
  readonly lastEnd: WorkerEnd | null
}

export type WorkerEnd = {
  readonly at: number
  readonly why: 'failed' | 'killed' | 'fenced' | 'done' | 'turned'
  /** What the worker said, or the exit code or signal. */
  readonly detail: string
}

/** One link with everything known of it: what its worker says, and what its supervisor says of the worker. */
export type LinkOverview = {
  readonly name: string
  readonly from: string
  readonly to: string
  readonly state: LinkState
  readonly lag: Lag
  /** null where no worker counts. */
  readonly rate: LinkStatus['rate'] | null
  readonly fault: Fault | Trouble | null
  readonly generation: number | null
  /** How its worker fills gaps; left out where none counts. */
  readonly gaps?: LinkStatus['gaps']
  /** null where no supervisor of this machine runs the link. */
  readonly worker: WorkerStatus | null
  /** All that share the link, on whatever machine; empty where that is not known. */
  readonly workers: readonly LinkWorkerStatus[]
  readonly mirrors: readonly MirrorStatus[]
  readonly groups: readonly GroupStatus[]
  readonly counters: LinkCounters | null
  /** ACLs, quotas and users; null as long as no worker has said. */
  readonly travel: TravelStatus | null
  readonly budget: LinkBudget | null
  /** Faults and events by code, those that are over too; empty where no worker counts. */
  readonly faultCounts?: readonly FaultCount[]
}

/** `silent`: its process lives and does not answer. */
export type SupervisorPhase = 'starting' | 'running' | 'stopping' | 'silent'

/** Everything that is known of a fleet at one instant: what `kmc status -o json` prints (docs/reference/json.md). */
export type FleetStatus = {
  readonly fleet: string
  readonly file: string
  readonly at: number
  /** null where none runs on this machine. */
  readonly supervisor: {
    readonly pid: number
    readonly startedAt: number
    readonly phase: SupervisorPhase
  } | null
  readonly clusters: readonly ClusterStatus[]
  readonly links: readonly LinkOverview[]
  readonly routes: readonly RouteOverview[]
}
