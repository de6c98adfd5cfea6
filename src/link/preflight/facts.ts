import type { AclOperation } from '../../client/admin/acl-codes.ts'
import type { SettingRules } from '../mirrors/configs.ts'
import type { GapPath } from '../transactions/path.ts'

/** Something read from a cluster, or why it could not be: what is not known is never taken for good or bad. */
export type Told<T> =
  | { readonly told: true; readonly value: T }
  | { readonly told: false; readonly why: string }

export type Settings = Readonly<Record<string, string>>
export type Rights = ReadonlySet<AclOperation>

/** Who the link is there and how an administrator reaches that cluster. */
export type Access = { readonly principal: string; readonly bootstrap: string; readonly isSecured: boolean }

/** Bytes per second that the principal is held to, by the quota's name; empty without any. */
export type QuotaFacts = {
  readonly limits: Settings
  /** Whether they are the user's own, and not the default of all users. */
  readonly areOwn: boolean
}

export type SideFacts = {
  readonly name: string
  readonly access: Access
  readonly clusterId: string
  readonly brokers: number
  /** Level of `metadata.version`, which tells the release; 0 with ZooKeeper. */
  readonly metadataLevel: number
  /** By broker: requests that it does not serve. */
  readonly missingApis: Told<readonly { readonly node: number; readonly apis: readonly string[] }[]>
  /** Effective settings of one broker. */
  readonly brokerSettings: Told<Settings>
  readonly quotas: Told<QuotaFacts>
  /** How far the cluster's clock is ahead of this machine's, at least and at most. */
  readonly clock: Told<{ readonly leastMs: number; readonly mostMs: number }>
  /** By broker: the log directory with the least room. */
  readonly disks: Told<
    readonly { readonly node: number; readonly freeBytes: number; readonly totalBytes: number }[]
  >
}

/** How partitions of a topic stand. */
export type ReplicaFacts = {
  readonly partitions: number
  readonly replicationFactor: number
  readonly leaderless: number
  /** The smallest number of replicas in sync. */
  readonly inSyncMin: number
}

export type SourceTopic = ReplicaFacts & {
  readonly name: string
  readonly rights: Told<Rights>
  /** Every setting as it counts, and those made on the topic itself. */
  readonly settings: Told<{ readonly effective: Settings; readonly own: Settings }>
  /** Offsets from start to end, of all partitions. */
  readonly offsets: Told<number>
  /** What its logs take on disk, one replica of each. */
  readonly bytes: Told<number>
  /** Whether it holds records older than the destination remembers producers. */
  readonly holdsOld: Told<boolean>
}

export type MirrorTopic = {
  readonly name: string
  readonly topic: string
  readonly rights: Told<Rights>
  /** Null while there is no topic of that name. */
  readonly present: ReplicaFacts | null
  /** Offsets that it holds; 0 while there is none. */
  readonly offsets: Told<number>
  readonly settings: Told<{ readonly effective: Settings; readonly own: Settings }>
  /** For one that is to be made: null when that would succeed, else the broker's error. */
  readonly refusal: Told<{ readonly error: string; readonly message: string } | null>
  /** The link that made it, as `__kmc_state` has it. */
  readonly keeper: string | null
}

export type GroupFacts = {
  readonly group: string
  readonly side: 'source' | 'destination'
  readonly rights: Told<Rights>
}

/** An internal topic that the link rests on. */
export type InternalTopic = {
  readonly name: string
  readonly present: ReplicaFacts | null
  readonly minInsync: number | null
}

/** Everything that was read of the two sides for one link; the checks judge it and ask nothing. */
export type Facts = {
  readonly link: string
  readonly topics: readonly string[]
  readonly prefix: string
  /** Which settings mirrors take over. */
  readonly rules: SettingRules
  readonly source: SideFacts
  readonly destination: SideFacts
  /** The source's cluster id in the link's record; null for a link that never ran. */
  readonly recordedSource: string | null
  readonly gaps: Told<GapPath | null>
  /** Whether the destination gives the principal a producer id. */
  readonly producerId: Told<boolean>
  readonly state: MirrorTopic
  readonly sourceTopics: readonly SourceTopic[]
  /** Topics named in full that the source does not show. */
  readonly unseenTopics: readonly string[]
  readonly mirrors: readonly MirrorTopic[]
  readonly groups: readonly GroupFacts[]
  readonly internals: readonly InternalTopic[]
}

export function known<T>(value: T): Told<T> {
  return { told: true, value }
}
export function unknown<T>(why: string): Told<T> {
  return { told: false, why }
}
