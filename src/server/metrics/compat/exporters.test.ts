import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterView, groupPartition, groupView, known } from '../../../observe/watch/testing/views.ts'
import { byOtherNames, exporterNames } from './exporters.ts'

const NOW = 1_000
const assignment = [{ topic: 'orders', partitions: [0, 1] }]
const owner = { memberId: 'm-1', instanceId: null, clientId: 'app', clientHost: '/10.0.0.7', assignment }
const lag = { records: 3, bytes: null, seconds: 7, secondsAtLeast: null }
const group = groupView({
  groupId: 'billing',
  verdict: 'WARN',
  lag: { ...lag, records: 8 },
  members: [owner],
  partitions: [
    groupPartition({ owner, lag }),
    groupPartition({
      partition: 1,
      position: 10,
      end: 15,
      lag: { ...lag, records: 5, seconds: null, secondsAtLeast: 9 },
    }),
  ],
})
const partition = { leaderEpoch: 1, offline: [], errorCode: 0 }
const topic = {
  ...{ name: 'orders', topicId: '', isInternal: false },
  partitions: [
    { ...partition, partition: 0, leader: 1, replicas: [1, 2], isr: [1, 2] },
    { ...partition, partition: 1, leader: 1, replicas: [2, 1], isr: [1] },
  ],
}
const broker = { nodeId: 1, host: 'b1', port: 9092, rack: 'a', isFenced: false }
const view = clusterView({
  name: 'fra',
  brokers: known({ clusterId: 'id', brokers: [broker], controllerId: 1 }, NOW),
  topics: known(
    {
      topics: new Map([['orders', topic]]),
      partitions: 2,
      underReplicated: [],
      offline: [],
      underMinIsr: [],
    },
    NOW,
  ),
  groups: known(
    { groups: new Map([['billing', group]]), commits: 'log', commitsTrouble: null, missing: [] },
    NOW,
  ),
})

/**
 * Of each exporter the series that its usual dashboards are made of: kafka_exporter's of Grafana 7589 and of Strimzi,
 * kafka-lag-exporter's own, kminion's of Grafana 14012 to 14014, Burrow's.
 */
const asked = {
  kafka_exporter: [
    'kafka_brokers{cluster="fra"} 1',
    'kafka_broker_info{cluster="fra",id="1",address="b1:9092"} 1',
    'kafka_topic_partitions{cluster="fra",topic="orders"} 2',
    'kafka_topic_partition_current_offset{cluster="fra",topic="orders",partition="1"} 15',
    'kafka_topic_partition_oldest_offset{cluster="fra",topic="orders",partition="0"} 0',
    'kafka_topic_partition_in_sync_replica{cluster="fra",topic="orders",partition="1"} 1',
    'kafka_topic_partition_leader{cluster="fra",topic="orders",partition="1"} 1',
    'kafka_topic_partition_leader_is_preferred{cluster="fra",topic="orders",partition="1"} 0',
    'kafka_topic_partition_replicas{cluster="fra",topic="orders",partition="0"} 2',
    'kafka_topic_partition_under_replicated_partition{cluster="fra",topic="orders",partition="1"} 1',
    'kafka_consumergroup_current_offset{cluster="fra",consumergroup="billing",topic="orders",partition="0"} 5',
    'kafka_consumergroup_current_offset_sum{cluster="fra",consumergroup="billing",topic="orders"} 15',
    'kafka_consumergroup_lag{cluster="fra",consumergroup="billing",topic="orders",partition="1"} 5',
    'kafka_consumergroup_lag_sum{cluster="fra",consumergroup="billing",topic="orders"} 8',
    'kafka_consumergroup_members{cluster="fra",consumergroup="billing"} 1',
  ],
  kafka_lag_exporter: [
    'kafka_partition_latest_offset{cluster_name="fra",topic="orders",partition="1"} 15',
    'kafka_partition_earliest_offset{cluster_name="fra",topic="orders",partition="1"} 0',
    'kafka_consumergroup_group_offset{cluster_name="fra",group="billing",topic="orders",partition="0",member_host="/10.0.0.7",consumer_id="m-1",client_id="app"} 5',
    'kafka_consumergroup_group_lag{cluster_name="fra",group="billing",topic="orders",partition="1",member_host="",consumer_id="",client_id=""} 5',
    'kafka_consumergroup_group_lag_seconds{cluster_name="fra",group="billing",topic="orders",partition="1",member_host="",consumer_id="",client_id=""} 9',
    'kafka_consumergroup_group_max_lag{cluster_name="fra",group="billing"} 5',
    'kafka_consumergroup_group_max_lag_seconds{cluster_name="fra",group="billing"} 9',
    'kafka_consumergroup_group_sum_lag{cluster_name="fra",group="billing"} 8',
    'kafka_consumergroup_group_topic_sum_lag{cluster_name="fra",group="billing",topic="orders"} 8',
  ],
  kminion: [
    'kminion_kafka_cluster_info{cluster="fra",cluster_version="",broker_count="1",controller_id="1",cluster_id="id"} 1',
    'kminion_kafka_broker_info{cluster="fra",broker_id="1",address="b1",port="9092",rack_id="a",is_controller="true"} 1',
    'kminion_kafka_topic_info{cluster="fra",topic_name="orders",partition_count="2",replication_factor="2"} 1',
    'kminion_kafka_topic_partition_high_water_mark{cluster="fra",topic_name="orders",partition_id="0"} 8',
    'kminion_kafka_topic_high_water_mark_sum{cluster="fra",topic_name="orders"} 23',
    'kminion_kafka_topic_low_water_mark_sum{cluster="fra",topic_name="orders"} 0',
    'kminion_kafka_consumer_group_members{cluster="fra",group_id="billing"} 1',
    'kminion_kafka_consumer_group_topic_members{cluster="fra",group_id="billing",topic_name="orders"} 1',
    'kminion_kafka_consumer_group_topic_assigned_partitions{cluster="fra",group_id="billing",topic_name="orders"} 2',
    'kminion_kafka_consumer_group_topic_offset_sum{cluster="fra",group_id="billing",topic_name="orders"} 15',
    'kminion_kafka_consumer_group_topic_partition_lag{cluster="fra",group_id="billing",topic_name="orders",partition_id="1"} 5',
    'kminion_kafka_consumer_group_topic_lag{cluster="fra",group_id="billing",topic_name="orders"} 8',
  ],
  burrow: [
    'burrow_kafka_consumer_lag_total{cluster="fra",consumer_group="billing"} 8',
    'burrow_kafka_consumer_status{cluster="fra",consumer_group="billing"} 2',
    'burrow_kafka_topic_partition_status{cluster="fra",consumer_group="billing",topic="orders",partition="0"} 1',
    'burrow_kafka_consumer_partition_lag{cluster="fra",consumer_group="billing",topic="orders",partition="0"} 3',
    'burrow_kafka_consumer_current_offset{cluster="fra",consumer_group="billing",topic="orders",partition="0"} 5',
    'burrow_kafka_topic_partition_offset{cluster="fra",topic="orders",partition="1"} 15',
  ],
} as const

for (const [name, series] of Object.entries(asked)) {
  test(`what dashboards of ${name} ask for is there by its names and labels`, () => {
    const lines = byOtherNames([view], exporterNames.parse(name)).split('\n')
    for (const one of series) assert.ok(lines.includes(one), `${one} is not among\n${lines.join('\n')}`)
  })
}

test('several exporters come together, each once; unknown ones are refused; without any nothing is told', () => {
  const both = byOtherNames([view], exporterNames.parse('burrow,kminion,burrow'))
  assert.equal(both.match(/# TYPE burrow_kafka_consumer_status /g)?.length, 1)
  assert.match(both, /kminion_kafka_topic_info/)
  assert.ok(!exporterNames.safeParse('burrow,jmx').success)
  assert.equal(byOtherNames([view], []), '')
})
