import { z } from 'zod'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { collection, collectionOf, link, linkSchema, resourceOf } from './shape.ts'

const cluster = resourceOf('KafkaCluster', {
  cluster_id: z.string(),
  /** kmc's own: the fleet's name of it. */
  name: z.string(),
  region: z.string().nullable(),
  state: z.string(),
  controller: linkSchema.nullable(),
  brokers: linkSchema,
  topics: linkSchema,
  acls: linkSchema,
  consumer_groups: linkSchema,
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
    async handle({ house, params, signal }) {
      const seen = house.status().clusters.find(({ name }) => name === params.cluster)
      if (seen === undefined) throw serverError('CLUSTER_NOT_FOUND', `${params.cluster} has left the fleet`)
      const door = house.doors.to(seen.name)
      const { clusterId, controllerId } = await door.use((at) => describeCluster(at, { signal }), { signal })
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
  const self = `/v3/clusters/${clusterId}`
  return {
    kind: 'KafkaCluster',
    metadata: { self, resource_name: `crn:///kafka=${clusterId}` },
    ...{ cluster_id: clusterId, name, region, state },
    controller: controller === null ? null : link(`${self}/brokers/${controller}`),
    brokers: link(`${self}/brokers`),
    topics: link(`${self}/topics`),
    acls: link(`${self}/acls`),
    consumer_groups: link(`${self}/consumer-groups`),
  }
}
