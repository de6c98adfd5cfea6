import type { PartitionMetadata } from '../../../client/metadata.ts'
import { isUnderReplicated } from '../../../client/metadata.ts'
import { gauge, type Metric } from '../metric.ts'
import {
  type ClusterRow,
  type Clusters,
  ofClusters,
  ofGroups,
  ofGroupTopics,
  ofPositions,
  ofTopics,
  readLogs,
  sum,
  type Value,
} from './view.ts'

const partition = ['cluster', 'topic', 'partition'] as const
const groupTopic = ['cluster', 'consumergroup', 'topic'] as const

const perPartition = (
  name: string,
  help: string,
  value: (one: PartitionMetadata) => Value,
): Metric<Clusters> =>
  gauge(
    `kafka_topic_partition_${name}`,
    help,
    ofTopics((topic) => topic.partitions.map((one): ClusterRow => [[topic.name, one.partition], value(one)])),
    partition,
  )

/** kafka_exporter's (danielqsj), with its label for several clusters, `--kafka.labels=cluster=…`. */
export const kafkaExporterMetrics: readonly Metric<Clusters>[] = [
  gauge(
    'kafka_brokers',
    'Brokers in service',
    ofClusters((view) => [[[], view.brokers.value?.brokers.filter((one) => !one.isFenced).length ?? null]]),
    ['cluster'],
  ),
  gauge(
    'kafka_broker_info',
    'A broker and its address',
    ofClusters((view) =>
      (view.brokers.value?.brokers ?? []).map(({ nodeId, host, port }) => [[nodeId, `${host}:${port}`], 1]),
    ),
    ['cluster', 'id', 'address'],
  ),
  gauge(
    'kafka_topic_partitions',
    'Partitions of a topic',
    ofTopics(({ name, partitions }) => [[[name], partitions.length]]),
    ['cluster', 'topic'],
  ),
  gauge(
    'kafka_topic_partition_current_offset',
    'Where a partition ends, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.end])),
    partition,
  ),
  gauge(
    'kafka_topic_partition_oldest_offset',
    'Where a partition begins, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.start])),
    partition,
  ),
  perPartition('leader', 'Id of the leader; -1 where there is none', ({ leader }) => leader),
  perPartition('replicas', 'Replicas of a partition', ({ replicas }) => replicas.length),
  perPartition('in_sync_replica', 'Replicas of a partition that are in sync', ({ isr }) => isr.length),
  perPartition('leader_is_preferred', '1 where the preferred replica leads', ({ leader, replicas }) =>
    Number(leader === replicas[0]),
  ),
  perPartition('under_replicated_partition', '1 where fewer replicas are in sync than there are', (one) =>
    Number(isUnderReplicated(one)),
  ),
  gauge(
    'kafka_consumergroup_members',
    'Members of a group',
    ofGroups(({ groupId, members }) => [[[groupId], members?.length ?? null]]),
    ['cluster', 'consumergroup'],
  ),
  gauge(
    'kafka_consumergroup_current_offset',
    'Position of a group on a partition',
    ofPositions(({ groupId }, at) => [[groupId, at.topic, at.partition], at.position]),
    [...groupTopic, 'partition'],
  ),
  gauge(
    'kafka_consumergroup_lag',
    'Records that a group is behind on a partition',
    ofPositions(({ groupId }, at) => [[groupId, at.topic, at.partition], at.lag.records]),
    [...groupTopic, 'partition'],
  ),
  gauge(
    'kafka_consumergroup_current_offset_sum',
    'Positions of a group on a topic, added up',
    ofGroupTopics((partitions) => sum(partitions.map(({ position }) => position))),
    groupTopic,
  ),
  gauge(
    'kafka_consumergroup_lag_sum',
    'Records that a group is behind on a topic',
    ofGroupTopics((partitions) => sum(partitions.map(({ lag }) => lag.records))),
    groupTopic,
  ),
]
