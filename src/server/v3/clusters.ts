import { z } from 'zod'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { ask } from '../ask.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import {
  brokerPlace,
  clusterPlace,
  collection,
  collectionOf,
  link,
  linkSchema,
  resource,
  resourceOf,
} from './shape.ts'

const cluster = resourceOf('KafkaCluster', {
  cluster_id: z.string(),
  /** kmc's own: the fleet's name of it. */
  name: z.string(),
  region: z.string().nullable(),
  state: z.string(),
  controller: linkSchema.nullable(),
  acls: linkSchema,
  brokers: linkSchema,
  broker_configs: linkSchema,
  consumer_groups: linkSchema,
  topics: linkSchema,
  partition_reassignments: linkSchema,
  links: linkSchema,
})

type ClusterResource = z.infer<typeof cluster>

export const clusterRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/v3/clusters',
    tag: 'clusters',
    summary: 'The clusters of the fleet that the caller may see',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    answer: collectionOf('KafkaClusterList', cluster),
    handle: ({ house, caller }) => {
      const seen = house.status().clusters.filter(({ name }) => may(caller, 'viewer', { cluster: name }))
      const known = seen.flatMap(({ clusterId, ...rest }) =>
        clusterId === null ? [] : { ...rest, clusterId },
      )
      return collection(
        'KafkaClusterList',
        '/v3/clusters',
        known.map((one) => clusterResource(one, null)),
      )
    },
  }),
  route({
    method: 'GET',
    path: '/v3/clusters/{cluster}',
    tag: 'clusters',
    summary: 'A cluster, by its id or its name in the fleet',
    need: { role: 'viewer', on: 'cluster' },
    action: null,
    answer: cluster,
    async handle(call) {
      const { cluster: name } = call.params
      const seen = call.house.status().clusters.find((one) => one.name === name)
      if (seen === undefined) throw serverError('CLUSTER_NOT_FOUND', `${name} has left the fleet`)
      const { clusterId, controllerId } = await ask(call, describeCluster)
      return clusterResource({ ...seen, clusterId }, controllerId)
    },
  }),
]

type Seen = {
  readonly name: string
  readonly region: string | null
  readonly state: string
  readonly clusterId: string
}

function clusterResource(
  { name, region, state, clusterId }: Seen,
  controller: number | null,
): ClusterResource {
  const place = clusterPlace(clusterId)
  const to = (list: string) => link(`${place.path}/${list}`)
  return resource('KafkaCluster', place, {
    ...{ cluster_id: clusterId, name, region, state },
    controller: controller === null ? null : link(brokerPlace(clusterId, controller).path),
    acls: to('acls'),
    brokers: to('brokers'),
    broker_configs: to('broker-configs'),
    consumer_groups: to('consumer-groups'),
    topics: to('topics'),
    partition_reassignments: to('topics/-/partitions/-/reassignment'),
    links: to('links'),
  })
}
