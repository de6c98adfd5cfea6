import type { Lag } from '../../../observe/lag/lag.ts'
import type { GroupPartitionView, GroupView } from '../../../observe/watch/view.ts'
import { gauge, type Metric } from '../metric.ts'
import {
  type Clusters,
  committed,
  greatest,
  ofClusters,
  ofGroups,
  ofGroupTopics,
  ofPositions,
  readLogs,
  sum,
  type Value,
} from './view.ts'

const partition = ['cluster_name', 'topic', 'partition'] as const
const group = ['cluster_name', 'group'] as const
const member = [...group, 'topic', 'partition', 'member_host', 'consumer_id', 'client_id'] as const

/** Seconds that are only known to be at least so many count as those. */
const secondsOf = ({ seconds, secondsAtLeast }: Lag): Value => seconds ?? secondsAtLeast

const perMember = (name: string, help: string, value: (at: GroupPartitionView) => Value): Metric<Clusters> =>
  gauge(
    `kafka_consumergroup_group_${name}`,
    help,
    ofPositions(({ groupId }, at) => {
      const { clientHost = '', memberId = '', clientId = '' } = at.owner ?? {}
      return [[groupId, at.topic, at.partition, clientHost, memberId, clientId], value(at)]
    }),
    member,
  )

const perGroup = (name: string, help: string, value: (one: GroupView) => Value): Metric<Clusters> =>
  gauge(
    `kafka_consumergroup_group_${name}`,
    help,
    ofGroups((one) => (committed(one).length === 0 ? [] : [[[one.groupId], value(one)]])),
    group,
  )

/** kafka-lag-exporter's (seglo). */
export const lagExporterMetrics: readonly Metric<Clusters>[] = [
  gauge(
    'kafka_partition_latest_offset',
    'Where a partition ends, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.end])),
    partition,
  ),
  gauge(
    'kafka_partition_earliest_offset',
    'Where a partition begins, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map((one) => [[one.topic, one.partition], one.start])),
    partition,
  ),
  perMember('offset', 'Position of a group on a partition', ({ position }) => position),
  perMember('lag', 'Records that a group is behind on a partition', ({ lag }) => lag.records),
  perMember('lag_seconds', 'Seconds that a group is behind on a partition', ({ lag }) => secondsOf(lag)),
  perGroup('max_lag', 'Records that a group is behind where it is furthest behind', (one) =>
    greatest(committed(one).map(({ lag }) => lag.records)),
  ),
  perGroup('max_lag_seconds', 'Seconds that a group is behind where it is latest', (one) =>
    greatest(committed(one).map(({ lag }) => secondsOf(lag))),
  ),
  perGroup('sum_lag', 'Records that a group is behind', ({ lag }) => lag.records),
  gauge(
    'kafka_consumergroup_group_topic_sum_lag',
    'Records that a group is behind on a topic',
    ofGroupTopics((partitions) => sum(partitions.map(({ lag }) => lag.records))),
    [...group, 'topic'],
  ),
]
