import { z } from 'zod'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { listTopics } from '../../client/admin/topics.ts'
import type { Broker } from '../../client/metadata.ts'
import { ask, missing } from '../ask.ts'
import { type Route, route } from '../http/route.ts'
import { replica, replicaResource } from './replica.ts'
import { brokerPlace, collection, collectionOf, link, linkSchema, resource, resourceOf } from './shape.ts'

const broker = resourceOf('KafkaBroker', {
  cluster_id: z.string(),
  broker_id: z.int(),
  host: z.string().nullable(),
  port: z.int().nullable(),
  rack: z.string().nullable(),
  configs: linkSchema,
  partition_replicas: linkSchema,
})

const shared = { tag: 'brokers', need: { role: 'viewer', on: 'cluster' }, action: null } as const

export const brokerRoutes: readonly Route[] = [
  route({
    ...shared,
    method: 'GET',
    path: '/v3/clusters/{cluster}/brokers',
    summary: 'The brokers of a cluster',
    answer: collectionOf('KafkaBrokerList', broker),
    async handle(call) {
      const { clusterId, brokers } = await ask(call, describeCluster)
      const sorted = brokers.toSorted((a, b) => a.nodeId - b.nodeId)
      const self = `/v3/clusters/${clusterId}/brokers`
      return collection(
        'KafkaBrokerList',
        self,
        sorted.map((one) => brokerResource(clusterId, one)),
      )
    },
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/v3/clusters/{cluster}/brokers/{broker}',
    summary: 'A broker',
    answer: broker,
    async handle(call) {
      const { clusterId, brokers } = await ask(call, describeCluster)
      return brokerResource(clusterId, find(brokers, call.params.broker))
    },
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/v3/clusters/{cluster}/brokers/{broker}/partition-replicas',
    summary: 'Every replica that a broker holds',
    answer: collectionOf('KafkaReplicaList', replica),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { clusterId, brokers } = await describeCluster(cluster, limits)
        const { nodeId } = find(brokers, call.params.broker)
        const topics = await listTopics(cluster, limits)
        const held = topics.flatMap(({ name, partitions }) =>
          partitions
            .filter(({ replicas }) => replicas.includes(nodeId))
            .map((partition) => replicaResource(clusterId, name, partition, nodeId)),
        )
        return collection(
          'KafkaReplicaList',
          `${brokerPlace(clusterId, nodeId).path}/partition-replicas`,
          held,
        )
      }),
  }),
]

function find<Found extends Broker>(brokers: readonly Found[], id: string): Found {
  return brokers.find(({ nodeId }) => String(nodeId) === id) ?? missing(`broker ${id}`)
}

function brokerResource(clusterId: string, { nodeId, host, port, rack }: Broker): z.infer<typeof broker> {
  const place = brokerPlace(clusterId, nodeId)
  return resource('KafkaBroker', place, {
    ...{ cluster_id: clusterId, broker_id: nodeId, host, port, rack },
    configs: link(`${place.path}/configs`),
    partition_replicas: link(`${place.path}/partition-replicas`),
  })
}
