import { z } from 'zod'
import { listOffsets } from '../../client/list-offsets.ts'
import type { PartitionMetadata } from '../../client/metadata.ts'
import { ask, missing, only, partitionOf, topicOf } from '../ask.ts'
import { type Route, route } from '../http/route.ts'
import { replica, replicaResource } from './replica.ts'
import {
  below,
  collection,
  collectionOf,
  link,
  linkSchema,
  partitionPlace,
  resource,
  resourceOf,
  topicPlace,
} from './shape.ts'

const fields = {
  cluster_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  leader: linkSchema.nullable(),
  replicas: linkSchema,
  reassignment: linkSchema,
}
const partition = resourceOf('KafkaPartition', fields)
const offsets = resourceOf('KafkaPartition', {
  cluster_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  earliest_offset: z.int(),
  latest_offset: z.int(),
})

const TOPIC = '/v3/clusters/{cluster}/topics/{topic}'
const shared = {
  method: 'GET',
  tag: 'partitions',
  need: { role: 'viewer', on: 'topic' },
  action: null,
} as const

export const partitionRoutes: readonly Route[] = [
  route({
    ...shared,
    path: `${TOPIC}/partitions`,
    summary: 'The partitions of a topic',
    answer: collectionOf('KafkaPartitionList', partition),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { clusterId } = cluster
        const { name, partitions } = await topicOf(cluster, call.params.topic, limits)
        const self = `${topicPlace(clusterId, name).path}/partitions`
        return collection(
          'KafkaPartitionList',
          self,
          partitions.map((one) => partitionResource(clusterId, name, one)),
        )
      }),
  }),
  route({
    ...shared,
    path: `${TOPIC}/partitions/{partition}`,
    summary: 'A partition',
    answer: partition,
    handle: (call) =>
      ask(call, async (cluster, limits) =>
        partitionResource(
          cluster.clusterId,
          call.params.topic,
          await partitionOf(cluster, call.params, limits),
        ),
      ),
  }),
  route({
    ...shared,
    path: `${TOPIC}/partitions/{partition}/offset`,
    summary: 'Where a partition begins and ends',
    // Confluent's name for asking for one of both; both are told in any case.
    query: z.object({ offset_type: z.string().optional() }),
    answer: offsets,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { topic } = call.params
        const { partition } = await partitionOf(cluster, call.params, limits)
        const asked = [
          { topic, partition, at: 'start' as const },
          { topic, partition, at: 'end' as const },
        ]
        const [first, last] = await listOffsets(cluster, asked, limits)
        const place = partitionPlace(cluster.clusterId, topic, partition)
        return resource('KafkaPartition', place, {
          ...{ cluster_id: cluster.clusterId, topic_name: topic, partition_id: partition },
          earliest_offset: only([first!]).offset,
          latest_offset: only([last!]).offset,
        })
      }),
  }),
  route({
    ...shared,
    path: `${TOPIC}/partitions/{partition}/replicas`,
    summary: 'The replicas of a partition',
    answer: collectionOf('KafkaReplicaList', replica),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { topic } = call.params
        const found = await partitionOf(cluster, call.params, limits)
        const self = `${partitionPlace(cluster.clusterId, topic, found.partition).path}/replicas`
        return collection(
          'KafkaReplicaList',
          self,
          found.replicas.map((node) => replicaResource(cluster.clusterId, topic, found, node)),
        )
      }),
  }),
  route({
    ...shared,
    path: `${TOPIC}/partitions/{partition}/replicas/{broker}`,
    summary: 'A replica',
    answer: replica,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { topic, broker } = call.params
        const found = await partitionOf(cluster, call.params, limits)
        const node = found.replicas.find((id) => String(id) === broker)
        if (node === undefined) missing(`replica of ${topic}-${found.partition} on broker ${broker}`)
        return replicaResource(cluster.clusterId, topic, found, node)
      }),
  }),
]

function partitionResource(
  clusterId: string,
  topic: string,
  { partition: id, leader }: PartitionMetadata,
): z.infer<typeof partition> {
  const place = partitionPlace(clusterId, topic, id)
  return resource('KafkaPartition', place, {
    ...{ cluster_id: clusterId, topic_name: topic, partition_id: id },
    leader: leader < 0 ? null : link(below(place, 'replicas', leader, 'replica').path),
    replicas: link(`${place.path}/replicas`),
    reassignment: link(`${place.path}/reassignment`),
  })
}
