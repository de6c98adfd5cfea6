import { z } from 'zod'
import { createPartitions } from '../../client/admin/create-partitions.ts'
import { createTopics } from '../../client/admin/create-topics.ts'
import { deleteTopics } from '../../client/admin/delete-topics.ts'
import { listTopics } from '../../client/admin/topics.ts'
import type { TopicMetadata } from '../../client/metadata.ts'
import { ask, only, topicOf } from '../ask.ts'
import { may } from '../door/caller.ts'
import { Reply, type Route, route } from '../http/route.ts'
import { pageOf, pageQuery } from './page.ts'
import { collection, collectionOf, link, linkSchema, resource, resourceOf, topicPlace } from './shape.ts'

const topic = resourceOf('KafkaTopic', {
  cluster_id: z.string(),
  topic_name: z.string(),
  is_internal: z.boolean(),
  replication_factor: z.int(),
  partitions_count: z.int(),
  partitions: linkSchema,
  configs: linkSchema,
  partition_reassignments: linkSchema,
})

const newTopic = z.object({
  topic_name: z.string().min(1).max(249),
  partitions_count: z.int().min(1).max(100_000).nullish(),
  replication_factor: z.int().min(1).max(100).nullish(),
  /** Brokers by partition, in place of both counts. */
  replicas_assignments: z.record(z.string().regex(/^\d{1,6}$/), z.array(z.int())).nullish(),
  configs: z
    .array(z.object({ name: z.string(), value: z.string().nullish() }))
    .max(200)
    .nullish(),
  /** Only looks whether it could be done. */
  validate_only: z.boolean().nullish(),
})

type NewTopicBody = z.infer<typeof newTopic>

const PATH = '/v3/clusters/{cluster}/topics/{topic}'
const shared = { tag: 'topics' } as const

export const topicRoutes: readonly Route[] = [
  route({
    ...shared,
    method: 'GET',
    path: '/v3/clusters/{cluster}/topics',
    summary: 'The topics of a cluster that the caller may see',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    query: pageQuery,
    answer: collectionOf('KafkaTopicList', topic),
    async handle(call) {
      const { caller, params, query } = call
      const { clusterId, topics } = await ask(call, async (cluster, limits) => {
        return { clusterId: cluster.clusterId, topics: await listTopics(cluster, limits) }
      })
      const seen = topics.filter(({ name }) =>
        may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name } }),
      )
      const self = `/v3/clusters/${clusterId}/topics`
      const { items, next } = pageOf(seen, ({ name }) => name, query, self)
      return collection(
        'KafkaTopicList',
        self,
        items.map((one) => topicResource(clusterId, one)),
        next,
      )
    },
  }),
  route({
    ...shared,
    method: 'POST',
    path: '/v3/clusters/{cluster}/topics',
    summary: 'Makes a topic; an admin of topics by name needs the role on the cluster for this',
    need: { role: 'operator', on: 'cluster' },
    action: 'topic.create',
    body: newTopic,
    answer: topic,
    async handle(call) {
      const { body, note } = call
      const isOnlyAsked = body.validate_only === true
      const made = await ask(call, async (cluster, limits) => {
        const outcomes = await createTopics(cluster, [newTopicOf(body)], {
          ...limits,
          validateOnly: isOnlyAsked,
        })
        return { clusterId: cluster.clusterId, ...only(outcomes) }
      })
      if (!isOnlyAsked) note({ before: null, after: body })
      const resource = madeResource(made)
      const location = isOnlyAsked ? {} : { location: resource.metadata.self }
      return new Reply(isOnlyAsked ? 200 : 201, resource, location)
    },
  }),
  route({
    ...shared,
    method: 'GET',
    path: PATH,
    summary: 'A topic',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    query: z.object({ include_authorized_operations: z.string().optional() }),
    answer: topic,
    handle: (call) =>
      ask(call, async (cluster, limits) =>
        topicResource(cluster.clusterId, await topicOf(cluster, call.params.topic, limits)),
      ),
  }),
  route({
    ...shared,
    method: 'PATCH',
    path: PATH,
    summary: 'Adds partitions to a topic; there is no way back, and keys go to other partitions from then on',
    need: { role: 'admin', on: 'topic' },
    action: 'topic.partitions',
    body: z.object({ partitions_count: z.int().min(1).max(100_000), validate_only: z.boolean().optional() }),
    answer: topic,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { body, note, params } = call
        const { partitions_count: count, validate_only: validateOnly = false } = body
        const before = await topicOf(cluster, params.topic, limits)
        only(await createPartitions(cluster, [{ topic: params.topic, count }], { ...limits, validateOnly }))
        if (!validateOnly)
          note({ before: { partitions: before.partitions.length }, after: { partitions: count } })
        return { ...topicResource(cluster.clusterId, before), partitions_count: count }
      }),
  }),
  route({
    ...shared,
    method: 'DELETE',
    path: PATH,
    summary: 'Deletes a topic with all that is in it',
    need: { role: 'admin', on: 'topic' },
    action: 'topic.delete',
    answer: z.null(),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { note, params } = call
        const { name, topicId, partitions } = await topicOf(cluster, params.topic, limits)
        only(await deleteTopics(cluster, [name], limits))
        note({ before: { name, topicId, partitions: partitions.length }, after: null })
        return new Reply(204)
      }),
  }),
]

function newTopicOf({ topic_name: name, partitions_count, replication_factor, ...body }: NewTopicBody) {
  const assignments = body.replicas_assignments ?? {}
  const placed = Object.keys(assignments)
    .sort((a, b) => Number(a) - Number(b))
    .map((partition) => assignments[partition]!)
  const configs = (body.configs ?? []).flatMap((entry) =>
    typeof entry.value === 'string' ? [[entry.name, entry.value] as const] : [],
  )
  return {
    name,
    ...(placed.length > 0
      ? { assignments: placed }
      : { partitions: partitions_count ?? undefined, replicationFactor: replication_factor ?? undefined }),
    configs: Object.fromEntries(configs),
  }
}

type Counts = { readonly clusterId: string; readonly name: string; readonly isInternal?: boolean } & {
  readonly partitions: number
  readonly replicationFactor: number
}

function topicResource(clusterId: string, { name, isInternal, partitions }: TopicMetadata) {
  const replicationFactor = partitions[0]?.replicas.length ?? 0
  return madeResource({ clusterId, name, isInternal, partitions: partitions.length, replicationFactor })
}

function madeResource({ clusterId, name, isInternal = false, partitions, replicationFactor }: Counts) {
  const place = topicPlace(clusterId, name)
  return resource('KafkaTopic', place, {
    ...{ cluster_id: clusterId, topic_name: name, is_internal: isInternal },
    ...{ replication_factor: replicationFactor, partitions_count: partitions },
    partitions: link(`${place.path}/partitions`),
    configs: link(`${place.path}/configs`),
    partition_reassignments: link(`${place.path}/partitions/-/reassignment`),
  })
}
