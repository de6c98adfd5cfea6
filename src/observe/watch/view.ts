import type { GroupMember } from '../../client/admin/group-description.ts'
import type { GroupType } from '../../client/admin/list-groups.ts'
import type { Broker, TopicMetadata } from '../../client/metadata.ts'
import type { Commit } from '../burrow/evaluate.ts'
import type { Verdict } from '../burrow/verdict.ts'
import type { Lag } from '../lag/lag.ts'
import type { Aged, Trouble } from './aged.ts'
import type { Finding } from './health.ts'

/** All that a watch knows of its cluster, each part with its own age. Views are never changed, only replaced. */
export type ClusterView = {
  readonly name: string
  readonly brokers: Aged<BrokersView>
  readonly quorum: Aged<QuorumView>
  readonly topics: Aged<TopicsView>
  readonly disks: Aged<DisksView>
  readonly groups: Aged<GroupsView>
  readonly health: readonly Finding[]
}

export type BrokersView = {
  readonly clusterId: string
  /** Fenced ones are registered and not in service; brokers that are down are not here. */
  readonly brokers: readonly (Broker & { readonly isFenced: boolean })[]
  /** With KRaft any broker, as clients are told; the quorum's leader is the controller. */
  readonly controllerId: number | null
}

export type QuorumView =
  | { readonly kind: 'zookeeper' }
  | {
      readonly kind: 'kraft'
      /** Null while there is none. */
      readonly leaderId: number | null
      readonly leaderEpoch: number
      readonly voters: readonly QuorumReplicaView[]
      readonly observers: readonly QuorumReplicaView[]
    }

export type QuorumReplicaView = {
  readonly nodeId: number
  /** Records of the metadata log behind its leader. */
  readonly lagRecords: number
  /** How long it has not been at the leader's end; null when it is not told. */
  readonly behindMs: number | null
}

export type TopicsView = {
  readonly topics: ReadonlyMap<string, TopicMetadata>
  readonly partitions: number
  /** Partitions with fewer replicas in sync than there are. */
  readonly underReplicated: readonly PartitionRef[]
  /** Partitions without a leader. */
  readonly offline: readonly PartitionRef[]
  /** Partitions that take no records with acks=all. */
  readonly underMinIsr: readonly PartitionRef[]
}

export type PartitionRef = { readonly topic: string; readonly partition: number }

export type DisksView = {
  readonly dirs: readonly DirView[]
  /** Brokers that did not tell, and why. */
  readonly missing: readonly { readonly nodeId: number; readonly why: string }[]
  /** Of all replicas that the brokers told of. */
  readonly topicBytes: ReadonlyMap<string, number>
}

export type DirView = {
  readonly nodeId: number
  readonly path: string
  /** What is wrong with it; null when nothing is. */
  readonly fault: string | null
  readonly totalBytes: number | null
  readonly usableBytes: number | null
  /** What Kafka's logs take. */
  readonly logBytes: number
  readonly replicas: number
}

export type GroupsView = {
  readonly groups: ReadonlyMap<string, GroupView>
  /**
   * How commits are seen: `log`, each one, in `__consumer_offsets`; `polls`, as positions that have changed between two
   * looks. By polls a group that commits without progress cannot be told from one that has stopped.
   */
  readonly commits: 'log' | 'polls'
  /** Why they are seen by polls only. */
  readonly commitsTrouble: Trouble | null
  /** Coordinators that could not be asked; their groups are as they were. */
  readonly missing: readonly { readonly nodeId: number; readonly why: string }[]
}

export type GroupView = {
  readonly groupId: string
  readonly type: GroupType
  readonly protocolType: string
  /** Kafka's word: Stable, Empty, PreparingRebalance, … */
  readonly state: string
  readonly coordinator: number
  /** Null while they are not known. */
  readonly members: readonly GroupMember[] | null
  /** By topic, then partition. */
  readonly partitions: readonly GroupPartitionView[]
  readonly lag: Lag
  readonly verdict: Verdict
  /** Share of its partitions whose window is full. */
  readonly complete: number
  readonly lastCommitAt: number | null
  /** When its positions were read last; null: not yet. */
  readonly at: number | null
  readonly trouble: Trouble | null
}

export type GroupPartitionView = PartitionRef & {
  /** Null where the group is assigned the partition and has not committed. */
  readonly position: number | null
  readonly start: number | null
  readonly end: number | null
  readonly lag: Lag
  readonly verdict: Verdict
  readonly complete: number
  /** The window that the verdict rests on, oldest first, and its ends. */
  readonly commits: readonly Commit[]
  readonly first: Commit | null
  readonly last: Commit | null
  readonly owner: GroupMember | null
}
