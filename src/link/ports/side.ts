import type { Cluster } from '../../client/cluster.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { TopicInfo } from '../mirrors/port.ts'
import type { TopicPartition } from '../port.ts'
import { LOOK_UP_MS } from './ranges.ts'
import { topicConfigs, topicsOf } from './topics.ts'

/** What a link asks of either of its clusters. */
export class ClusterSide {
  protected readonly cluster: Cluster

  constructor(cluster: Cluster) {
    this.cluster = cluster
  }

  leaderOf({ topic, partition }: TopicPartition): number | null {
    return this.cluster.metadata.leaderOf(topic, partition)
  }

  async refresh(): Promise<void> {
    await this.cluster.refresh('all', { timeoutMs: LOOK_UP_MS })
  }

  topics(): Promise<TopicInfo[]> {
    return topicsOf(this.cluster)
  }

  configs(topics: readonly string[], effective = false): Promise<Map<string, TopicConfig>> {
    return topicConfigs(this.cluster, topics, effective)
  }

  /** Partitions of a topic as last seen; 0 when there is none. */
  partitionsOf(topic: string): number {
    return this.cluster.metadata.topic(topic)?.partitions.length ?? 0
  }

  /** The id of a topic as last seen; '' when there is none. */
  protected idOf(topic: string): string {
    return this.cluster.metadata.topic(topic)?.topicId ?? ''
  }
}
