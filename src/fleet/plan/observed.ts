import type { RouteRecord } from '../../failover/state/records.ts'
import type { DirectionRecord, LinkRecord, MirrorRecord } from '../../link/state/records.ts'
import type { TravelSurvey } from '../../link/travel/survey.ts'
import type { AppliedFleet } from '../file/applied.ts'

/**
 * What was found when a plan is made: plain data, gathered before and handed in, so that a plan can be computed, tested
 * and computed again without a cluster. What could not be found out is null, never an empty list.
 */
export type ObservedFleet = {
  /** When it was gathered, milliseconds. */
  readonly at: number
  /** What was applied last; null when nothing was, or the record is lost. */
  readonly applied: AppliedFleet | null
  /** Every cluster of the file, and every cluster of `applied` that is no longer in it. */
  readonly clusters: Readonly<Record<string, ObservedCluster>>
  /** Links that a worker of this machine works on now. */
  readonly workers: readonly string[]
  /** Routes that a gateway of this machine serves now. */
  readonly gateways?: readonly string[]
  /** By link, what would be carried over besides records, where a link does that and both its clusters answer. */
  readonly travel?: Readonly<Record<string, TravelSurvey | { readonly trouble: string }>>
}

/** `absent`: a managed cluster that was never made. `unreachable`: an external cluster that does not answer. */
export type ObservedClusterState =
  | 'absent'
  | 'stopped'
  | 'starting'
  | 'ready'
  | 'stopping'
  | 'failed'
  | 'unreachable'

export type ObservedCluster = {
  readonly name: string
  readonly state: ObservedClusterState
  /** Why it is `failed` or `unreachable`. */
  readonly trouble: { readonly code: string; readonly message: string } | null
  readonly clusterId: string | null
  /** Brokers that are part of the cluster; null when not known. */
  readonly brokers: number | null
  /** By name; null unless `ready`. */
  readonly topics: Readonly<Record<string, ObservedTopic>> | null
  /** What `__kmc_state` of this cluster says about links that lead to it; null unless `ready`. */
  readonly links: Readonly<Record<string, ObservedLink>> | null
  /** What it says about the way that links of this fleet run, by link; left out: none was ever turned. */
  readonly directions?: Readonly<Record<string, DirectionRecord>>
  /** What it says of routes; left out unless `ready`. */
  readonly routes?: Readonly<Record<string, RouteRecord>>
}

export type ObservedTopic = {
  /** Topic id, 22 characters. */
  readonly id: string
  readonly replicationFactor: number
  /** By partition number. Offsets are null where they could not be read. */
  readonly partitions: readonly { readonly start: number | null; readonly end: number | null }[]
}

/** `record` is null for a link that was deleted: its mirrors stay, and are known to have been its mirrors. */
export type ObservedLink = {
  readonly record: LinkRecord | null
  readonly mirrors: readonly MirrorRecord[]
}

/** The entry of a name in a record that came from a file, where `constructor` may be a name too. */
export function entryOf<T>(record: Readonly<Record<string, T>> | null, name: string): T | null {
  return record !== null && Object.hasOwn(record, name) ? record[name]! : null
}
