import { z } from 'zod'
import { listReassignments, type OngoingReassignment } from '../../client/admin/reassignments.ts'
import { ask, missing, partitionOf, topicOf } from '../ask.ts'
import { may } from '../door/caller.ts'
import { type Route, route } from '../http/route.ts'
import {
  clusterPlace,
  collection,
  collectionOf,
  link,
  linkSchema,
  partitionPlace,
  resource,
  resourceOf,
  topicPlace,
} from './shape.ts'

const reassignment = resourceOf('KafkaReassignment', {
  cluster_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  adding_replicas: z.array(z.int()),
  removing_replicas: z.array(z.int()),
  replicas: linkSchema,
})

const list = collectionOf('KafkaReassignmentList', reassignment)
const shared = { method: 'GET', tag: 'reassignments', action: null } as const
const ofTopic = { role: 'viewer', on: 'topic' } as const

export const reassignmentRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/v3/clusters/{cluster}/topics/-/partitions/-/reassignment',
    summary: 'Every move of replicas that goes on, of topics that the caller may see',
    need: { role: 'viewer', on: 'somewhere' },
    answer: list,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { caller, params } = call
        const all = await listReassignments(cluster, limits)
        const seen = all.filter(({ topic: name }) =>
          may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name } }),
        )
        const { path } = clusterPlace(cluster.clusterId)
        return listOf(cluster.clusterId, `${path}/topics/-/partitions/-/reassignment`, seen)
      }),
  }),
  route({
    ...shared,
    path: '/v3/clusters/{cluster}/topics/{topic}/partitions/-/reassignment',
    summary: 'Moves of replicas of a topic that go on',
    need: ofTopic,
    answer: list,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { name } = await topicOf(cluster, call.params.topic, limits)
        const all = await listReassignments(cluster, limits)
        const { path } = topicPlace(cluster.clusterId, name)
        const own = all.filter(({ topic }) => topic === name)
        return listOf(cluster.clusterId, `${path}/partitions/-/reassignment`, own)
      }),
  }),
  route({
    ...shared,
    path: '/v3/clusters/{cluster}/topics/{topic}/partitions/{partition}/reassignment',
    summary: 'The move of replicas of a partition that goes on',
    need: ofTopic,
    answer: reassignment,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { topic } = call.params
        const { partition } = await partitionOf(cluster, call.params, limits)
        const all = await listReassignments(cluster, limits)
        const found = all.find((one) => one.topic === topic && one.partition === partition)
        if (found === undefined) missing(`move of replicas of ${topic}-${partition}`)
        return reassignmentResource(cluster.clusterId, found)
      }),
  }),
]

function listOf(clusterId: string, self: string, moves: readonly OngoingReassignment[]) {
  return collection(
    'KafkaReassignmentList',
    self,
    moves.map((move) => reassignmentResource(clusterId, move)),
  )
}

function reassignmentResource(
  clusterId: string,
  { topic, partition, adding, removing }: OngoingReassignment,
) {
  const { path, crn } = partitionPlace(clusterId, topic, partition)
  return resource(
    'KafkaReassignment',
    { path: `${path}/reassignment`, crn: `${crn}/reassignment` },
    {
      ...{ cluster_id: clusterId, topic_name: topic, partition_id: partition },
      adding_replicas: [...adding],
      removing_replicas: [...removing],
      replicas: link(`${path}/replicas`),
    },
  )
}
