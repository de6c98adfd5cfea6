import type { GroupMember } from '../../../client/admin/group-description.ts'
import type { Broker } from '../../../client/metadata.ts'
import { gauge, type Metric } from '../metric.ts'
import {
  type ClusterRow,
  type Clusters,
  logsByTopic,
  ofClusters,
  ofGroups,
  ofGroupTopics,
  ofPositions,
  ofTopics,
  readLogs,
  sum,
} from './view.ts'

const named = (name: string): string => `kminion_kafka_${name}`
const group = ['cluster', 'group_id'] as const
const groupTopic = [...group, 'topic_name'] as const
const topic = ['cluster', 'topic_name'] as const
const partition = [...topic, 'partition_id'] as const
const broker = ['cluster', 'broker_id', 'address', 'port', 'rack_id'] as const

const labelsOf = ({ nodeId, host, port, rack }: Broker) => [nodeId, host, port, rack ?? '']

/** kminion's (Redpanda), each with the cluster before its own labels. */
export const kminionMetrics: readonly Metric<Clusters>[] = [
  gauge(
    named('cluster_info'),
    'A cluster; which version it has is not told',
    ofClusters(({ brokers: { value } }) =>
      value === null ? [] : [[['', value.brokers.length, value.controllerId ?? '', value.clusterId], 1]],
    ),
    ['cluster', 'cluster_version', 'broker_count', 'controller_id', 'cluster_id'],
  ),
  gauge(
    named('broker_info'),
    'A broker',
    ofClusters(({ brokers: { value } }) =>
      (value?.brokers ?? []).map((one) => [
        [...labelsOf(one), String(one.nodeId === value?.controllerId)],
        1,
      ]),
    ),
    [...broker, 'is_controller'],
  ),
  gauge(
    named('broker_log_dir_size_total_bytes'),
    'What the logs of a broker take',
    ofClusters(({ brokers, disks }) =>
      (brokers.value?.brokers ?? []).map((one) => {
        const dirs = disks.value?.dirs.filter(({ nodeId }) => nodeId === one.nodeId) ?? []
        return [labelsOf(one), dirs.length === 0 ? null : sum(dirs.map(({ logBytes }) => logBytes))]
      }),
    ),
    broker,
  ),
  gauge(
    named('topic_log_dir_size_total_bytes'),
    'What all replicas of a topic take',
    ofTopics(({ name }, view) => [[[name], view.disks.value?.topicBytes.get(name) ?? null]]),
    topic,
  ),
  gauge(
    named('topic_info'),
    'A topic',
    ofTopics(({ name, partitions }) => [[[name, partitions.length, partitions[0]?.replicas.length ?? 0], 1]]),
    [...topic, 'partition_count', 'replication_factor'],
  ),
  gauge(
    named('topic_partition_low_water_mark'),
    'Where a partition begins, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.start])),
    partition,
  ),
  gauge(
    named('topic_partition_high_water_mark'),
    'Where a partition ends, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.end])),
    partition,
  ),
  gauge(
    named('topic_low_water_mark_sum'),
    'Where the partitions of a topic begin that some group reads, added up',
    ofClusters((view) =>
      [...logsByTopic(view)].map(([name, all]) => [[name], sum(all.map(({ start }) => start))]),
    ),
    topic,
  ),
  gauge(
    named('topic_high_water_mark_sum'),
    'Where the partitions of a topic end that some group reads, added up',
    ofClusters((view) =>
      [...logsByTopic(view)].map(([name, all]) => [[name], sum(all.map(({ end }) => end))]),
    ),
    topic,
  ),
  gauge(
    named('consumer_group_info'),
    'A group; 1 while it is stable',
    ofGroups(({ groupId, protocolType, state, coordinator }) => [
      [[groupId, '', protocolType, state, coordinator], Number(state === 'Stable')],
    ]),
    [...group, 'protocol', 'protocol_type', 'state', 'coordinator_id'],
  ),
  gauge(
    named('consumer_group_members'),
    'Members of a group',
    ofGroups(({ groupId, members }) => [[[groupId], members?.length ?? null]]),
    group,
  ),
  gauge(
    named('consumer_group_empty_members'),
    'Members of a group without a partition',
    ofGroups(({ groupId, members }) => {
      const idle = members?.filter(({ assignment }) => assignment?.length === 0).length ?? 0
      return idle === 0 ? [] : [[[groupId], idle]]
    }),
    group,
  ),
  gauge(
    named('consumer_group_topic_members'),
    'Members of a group that have partitions of a topic',
    ofGroups(({ groupId, members }) =>
      [...partitionsByTopic(members)].map(countOf(groupId, ({ length }) => length)),
    ),
    groupTopic,
  ),
  gauge(
    named('consumer_group_topic_assigned_partitions'),
    'Partitions of a topic that members of a group have',
    ofGroups(({ groupId, members }) =>
      [...partitionsByTopic(members)].map(
        countOf(groupId, (all) => all.reduce((total, one) => total + one, 0)),
      ),
    ),
    groupTopic,
  ),
  gauge(
    named('consumer_group_topic_offset_sum'),
    'Positions of a group on a topic, added up',
    ofGroupTopics((partitions) => sum(partitions.map(({ position }) => position))),
    groupTopic,
  ),
  gauge(
    named('consumer_group_topic_partition_lag'),
    'Records that a group is behind on a partition',
    ofPositions(({ groupId }, at) => [[groupId, at.topic, at.partition], at.lag.records]),
    [...groupTopic, 'partition_id'],
  ),
  gauge(
    named('consumer_group_topic_lag'),
    'Records that a group is behind on a topic',
    ofGroupTopics((partitions) => sum(partitions.map(({ lag }) => lag.records))),
    groupTopic,
  ),
]

/** How many partitions of each topic the members have that have some. */
function partitionsByTopic(members: readonly GroupMember[] | null): Map<string, number[]> {
  const topics = new Map<string, number[]>()
  for (const { assignment } of members ?? []) {
    for (const { topic: name, partitions } of assignment ?? []) {
      topics.set(name, [...(topics.get(name) ?? []), partitions.length])
    }
  }
  return topics
}

function countOf(groupId: string, count: (partitions: readonly number[]) => number) {
  return ([name, partitions]: [string, number[]]): ClusterRow => [[groupId, name], count(partitions)]
}
