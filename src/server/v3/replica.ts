import { z } from 'zod'
import type { PartitionMetadata } from '../../client/metadata.ts'
import { below, brokerPlace, link, linkSchema, partitionPlace, resource, resourceOf } from './shape.ts'

/** One copy of a partition. */
export const replica = resourceOf('KafkaReplica', {
  cluster_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  broker_id: z.int(),
  is_leader: z.boolean(),
  is_in_sync: z.boolean(),
  broker: linkSchema,
})

export function replicaResource(
  clusterId: string,
  topic: string,
  { partition, leader, isr }: PartitionMetadata,
  node: number,
): z.infer<typeof replica> {
  const place = below(partitionPlace(clusterId, topic, partition), 'replicas', node, 'replica')
  return resource('KafkaReplica', place, {
    ...{ cluster_id: clusterId, topic_name: topic, partition_id: partition, broker_id: node },
    is_leader: leader === node,
    is_in_sync: isr.includes(node),
    broker: link(brokerPlace(clusterId, node).path),
  })
}
