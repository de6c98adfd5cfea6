import type { StartPoint } from '../spec.ts'
import type { TopicConfig } from './configs.ts'

export type TopicInfo = { readonly name: string; readonly id: string; readonly partitions: number }

/** What making mirrors needs to know of the source. */
export type MirrorSource = {
  topics(): Promise<readonly TopicInfo[]>
  /** Settings made on the topics themselves, by topic; `effective`: also what brokers make of those that are not. */
  configs(topics: readonly string[], effective?: boolean): Promise<ReadonlyMap<string, TopicConfig>>
  /** The offset at which each partition's mirror begins. */
  startOffsets(topic: TopicInfo, start: StartPoint): Promise<readonly number[]>
  /** Log starts of all partitions of a topic. */
  logStarts(topic: TopicInfo): Promise<readonly number[]>
  /**
   * Topics here that are themselves mirrors of the cluster with this id: they never go back to it. `among` are those
   * that are here now: for each of them the answer is no older than the topic.
   */
  mirrorsOf(clusterId: string, among: readonly string[]): Promise<ReadonlySet<string>>
}

/** What it does at the destination. */
export type MirrorDestination = {
  topics(): Promise<readonly TopicInfo[]>
  configs(topics: readonly string[]): Promise<ReadonlyMap<string, TopicConfig>>
  /** Names of all topic settings that the destination has; left out or null: not known. */
  knownSettings?(): Promise<ReadonlySet<string> | null>
  create(topic: {
    readonly name: string
    readonly partitions: number
    readonly configs: TopicConfig
  }): Promise<void>
  /** Deletes a topic for good; left out: mirrors are never deleted. */
  remove?(topic: string): Promise<void>
  addPartitions(topic: string, total: number): Promise<void>
  /** Sets and unsets; an empty change asks nothing. */
  changeConfigs(
    topic: string,
    change: { readonly set: TopicConfig; readonly unset: readonly string[] },
  ): Promise<void>
  /** Asks again until every partition of the topic has a leader that answers. */
  ready(topic: string, partitions: number): Promise<TopicInfo>
  /** Log start and log end of all partitions. */
  logRanges(topic: TopicInfo): Promise<readonly { readonly start: number; readonly end: number }[]>
  /** Moves log starts up. */
  trim(
    topic: string,
    starts: readonly { readonly partition: number; readonly offset: number }[],
  ): Promise<void>
}
