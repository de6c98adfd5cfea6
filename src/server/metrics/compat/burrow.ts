import { verdictCodes } from '../../../observe/burrow/verdict.ts'
import { gauge, type Metric } from '../metric.ts'
import { type Clusters, committed, ofClusters, ofGroups, ofPositions, readLogs } from './view.ts'

const group = ['cluster', 'consumer_group'] as const
const partition = [...group, 'topic', 'partition'] as const

/** Burrow's (1.3 and later: `httpserver/prometheus.go`). */
export const burrowMetrics: readonly Metric<Clusters>[] = [
  gauge(
    'burrow_kafka_consumer_lag_total',
    'Records that a group is behind, over all partitions',
    ofGroups((one) => (committed(one).length === 0 ? [] : [[[one.groupId], one.lag.records]])),
    group,
  ),
  gauge(
    'burrow_kafka_consumer_status',
    'Verdict on a group: 1 OK, 2 WARN, 3 ERR',
    ofGroups((one) => (committed(one).length === 0 ? [] : [[[one.groupId], verdictCodes[one.verdict]]])),
    group,
  ),
  gauge(
    'burrow_kafka_topic_partition_status',
    'Verdict on a partition whose window is full: 1 OK, 2 WARN, 4 STOP, 5 STALL, 6 REWIND',
    ofPositions(({ groupId }, at) => [
      [groupId, at.topic, at.partition],
      at.complete === 1 ? verdictCodes[at.verdict] : null,
    ]),
    partition,
  ),
  gauge(
    'burrow_kafka_consumer_current_offset',
    'Position of a group on a partition whose window is full',
    ofPositions(({ groupId }, at) => [
      [groupId, at.topic, at.partition],
      at.complete === 1 ? at.position : null,
    ]),
    partition,
  ),
  gauge(
    'burrow_kafka_consumer_partition_lag',
    'Records that a group is behind on a partition',
    ofPositions(({ groupId }, at) => [[groupId, at.topic, at.partition], at.lag.records]),
    partition,
  ),
  gauge(
    'burrow_kafka_topic_partition_offset',
    'Where a partition ends, as far as some group reads it',
    ofClusters((view) => [...readLogs(view)].map(({ topic, partition: id, end }) => [[topic, id], end])),
    ['cluster', 'topic', 'partition'],
  ),
]
