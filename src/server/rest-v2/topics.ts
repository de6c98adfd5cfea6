import { z } from 'zod'
import { describeConfigs } from '../../client/admin/configs.ts'
import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { listTopics } from '../../client/admin/topics.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import type { PartitionMetadata } from '../../client/metadata.ts'
import { ask, only, topicOf } from '../ask.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import type { Route } from '../http/route.ts'
import { rows } from './row.ts'

const partition = z.object({
  partition: z.int(),
  leader: z.int(),
  replicas: z.array(z.object({ broker: z.int(), leader: z.boolean(), in_sync: z.boolean() })),
})
const topic = z.object({
  name: z.string(),
  configs: z.record(z.string(), z.string().nullable()),
  partitions: z.array(partition),
})

const reads = { method: 'GET', need: { role: 'viewer', on: 'topic' } } as const

export const topicRoutes: readonly Route[] = [
  ...rows({
    method: 'GET',
    need: { role: 'viewer', on: 'cluster' },
    path: '/brokers',
    summary: 'The ids of the brokers',
    answer: z.object({ brokers: z.array(z.int()) }),
    async handle(call) {
      const { brokers } = await ask(call, describeCluster)
      return { brokers: brokers.map(({ nodeId }) => nodeId).sort((a, b) => a - b) }
    },
  }),
  ...rows({
    method: 'GET',
    need: { role: 'viewer', on: 'somewhere' },
    path: '/topics',
    summary: 'The names of the topics that the caller may see',
    answer: z.array(z.string()),
    async handle(call) {
      const { caller, params } = call
      const topics = await ask(call, listTopics)
      return topics
        .map(({ name }) => name)
        .filter((name) =>
          may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name } }),
        )
        .sort()
    },
  }),
  ...rows({
    ...reads,
    path: '/topics/{topic}',
    summary: 'A topic with its settings and partitions',
    answer: topic,
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { name, partitions } = await topicOf(cluster, call.params.topic, limits)
        const entries = only(await describeConfigs(cluster, [{ type: 'topic', name }], limits))
        const configs = Object.fromEntries(entries.map((entry) => [entry.name, entry.value]))
        return { name, configs, partitions: partitions.map(partitionBody) }
      }),
  }),
  ...rows({
    ...reads,
    path: '/topics/{topic}/partitions',
    summary: 'The partitions of a topic',
    answer: z.array(partition),
    handle: (call) =>
      ask(call, async (cluster, limits) =>
        (await topicOf(cluster, call.params.topic, limits)).partitions.map(partitionBody),
      ),
  }),
  ...rows({
    ...reads,
    path: '/topics/{topic}/partitions/{partition}',
    summary: 'A partition',
    answer: partition,
    handle: (call) =>
      ask(call, async (cluster, limits) => partitionBody(await found(cluster, call.params, limits))),
  }),
  ...rows({
    ...reads,
    path: '/topics/{topic}/partitions/{partition}/offsets',
    summary: 'Where a partition begins and ends',
    answer: z.object({ beginning_offset: z.int(), end_offset: z.int() }),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { partition: id } = await found(cluster, call.params, limits)
        const place = { topic: call.params.topic, partition: id }
        const queries = (['start', 'end'] as const).map((at) => ({ ...place, at }))
        const [first, last] = await listOffsets(cluster, queries, limits)
        return { beginning_offset: only([first!]).offset, end_offset: only([last!]).offset }
      }),
  }),
]

/** @throws KAFKA_ERROR with UNKNOWN_TOPIC_OR_PARTITION, PARTITION_NOT_FOUND */
async function found(
  cluster: Parameters<typeof topicOf>[0],
  { topic: name, partition: wanted }: { readonly topic: string; readonly partition: string },
  limits: Parameters<typeof topicOf>[2],
): Promise<PartitionMetadata> {
  const { partitions } = await topicOf(cluster, name, limits)
  const one = partitions.find((entry) => String(entry.partition) === wanted)
  if (one !== undefined) return one
  throw serverError('PARTITION_NOT_FOUND', `topic ${name} has no partition ${wanted}`)
}

function partitionBody({
  partition: id,
  leader,
  replicas,
  isr,
}: PartitionMetadata): z.infer<typeof partition> {
  const each = replicas.map((broker) => ({
    broker,
    leader: broker === leader,
    in_sync: isr.includes(broker),
  }))
  return { partition: id, leader, replicas: each }
}
