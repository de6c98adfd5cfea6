import { z } from 'zod'
import { isLeaderless, isUnderReplicated, type TopicMetadata } from '../../client/metadata.ts'
import type { ClusterView, GroupPartitionView, GroupView } from '../../observe/watch/view.ts'
import { missing } from '../ask.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Call, type Route, route } from '../http/route.ts'

const STATUS = '/api/status/{cluster}'
const reads = { method: 'GET', tag: 'CMAK', action: null } as const
const somewhere = { need: { role: 'viewer', on: 'somewhere' } } as const
const ofCluster = { need: { role: 'viewer', on: 'cluster' } } as const
const ofTopic = { need: { role: 'viewer', on: 'topic' } } as const
const ofGroup = { need: { role: 'viewer', on: 'group' } } as const

const brokerRow = z.object({
  id: z.int(),
  host: z.string(),
  port: z.int(),
  rack: z.string().nullable(),
  isFenced: z.boolean(),
})
const topicSummary = z.object({
  totalLag: z.int().nullable(),
  percentageCovered: z.int(),
  partitionOffsets: z.array(z.int().nullable()),
  partitionLatestOffsets: z.array(z.int().nullable()),
  owners: z.array(z.string()),
})
const topicIdentity = z.object({
  topic: z.string(),
  partitions: z.int(),
  replicationFactor: z.int(),
  underReplicatedPercentage: z.int(),
  partitionsIdentity: z.array(
    z.object({
      partNum: z.int(),
      leader: z.int(),
      isr: z.array(z.int()),
      replicas: z.array(z.int()),
      isPreferredLeader: z.boolean(),
      isUnderReplicated: z.boolean(),
    }),
  ),
})
const consumer = z.object({
  name: z.string(),
  type: z.literal('KF'),
  topics: z.array(z.string()),
  lags: z.record(z.string(), z.int().nullable()),
})

const clusterRoutes: readonly Route[] = [
  route({
    ...{ ...reads, ...somewhere, path: '/api/status/clusters', summary: 'The clusters' },
    answer: z.object({
      clusters: z.object({
        active: z.array(z.object({ name: z.string(), status: z.string() })),
        pending: z.array(z.never()),
      }),
    }),
    handle({ house, caller }) {
      const all = house.status().clusters.filter(({ name }) => may(caller, 'viewer', { cluster: name }))
      return { clusters: { active: all.map(({ name, state }) => ({ name, status: state })), pending: [] } }
    },
  }),
  route({
    ...{ ...reads, ...ofCluster, path: `${STATUS}/brokers`, summary: 'Ids of the brokers' },
    answer: z.object({ brokers: z.array(z.int()) }),
    handle: (call) => ({ brokers: brokersOf(viewOf(call)).map(({ id }) => id) }),
  }),
  route({
    ...{
      ...reads,
      ...ofCluster,
      path: `${STATUS}/brokers/extended`,
      summary: 'Brokers with their addresses',
    },
    answer: z.object({ brokers: z.array(brokerRow) }),
    handle: (call) => ({ brokers: brokersOf(viewOf(call)) }),
  }),
  route({
    ...{ ...reads, ...somewhere, path: `${STATUS}/topics`, summary: 'Names of the topics' },
    answer: z.object({ topics: z.array(z.string()) }),
    handle: (call) => ({ topics: topicsOf(call).map(({ name }) => name) }),
  }),
  route({
    ...{ ...reads, ...somewhere, path: `${STATUS}/topicIdentities`, summary: 'Topics with their partitions' },
    answer: z.object({ topicIdentities: z.array(topicIdentity) }),
    handle: (call) => ({ topicIdentities: topicsOf(call).map(identityOf) }),
  }),
  route({
    ...{ ...reads, ...ofTopic, path: `${STATUS}/{topic}/underReplicatedPartitions` },
    summary: 'Partitions of a topic with fewer replicas in sync than there are',
    answer: z.object({ topic: z.string(), underReplicatedPartitions: z.array(z.int()) }),
    handle: (call) => {
      const { name: topic, partitions } = topicOf(call)
      return { topic, underReplicatedPartitions: partitions.filter(isUnderReplicated).map(numberOf) }
    },
  }),
  route({
    ...{ ...reads, ...ofTopic, path: `${STATUS}/{topic}/unavailablePartitions` },
    summary: 'Partitions of a topic without a leader',
    answer: z.object({ topic: z.string(), unavailablePartitions: z.array(z.int()) }),
    handle: (call) => {
      const { name: topic, partitions } = topicOf(call)
      return { topic, unavailablePartitions: partitions.filter(isLeaderless).map(numberOf) }
    },
  }),
]

const groupRoutes: readonly Route[] = [
  route({
    ...{
      ...reads,
      ...somewhere,
      path: `${STATUS}/consumersSummary`,
      summary: 'Groups with their topics and lags',
    },
    answer: z.object({ consumers: z.array(consumer) }),
    handle(call) {
      const groups = [...(viewOf(call).groups.value?.groups.values() ?? [])]
      return { consumers: groups.filter(({ groupId }) => maySee(call, 'group', groupId)).map(consumerOf) }
    },
  }),
  // The last part is CMAK's word for where positions are kept: ZK or KF. There are none in ZooKeeper any more.
  route({
    ...{
      ...reads,
      ...ofGroup,
      path: `${STATUS}/{group}/{type}/groupSummary`,
      summary: 'A group, topic by topic',
    },
    answer: z.record(z.string(), topicSummary),
    handle: (call) => {
      const topics = [...byTopic(groupOf(call))].map(([topic, all]) => [topic, summaryOf(all)] as const)
      return Object.fromEntries(topics)
    },
  }),
  route({
    ...{ ...reads, ...ofGroup, path: `${STATUS}/{group}/{topic}/{type}/topicSummary` },
    summary: 'A group on one topic',
    answer: topicSummary,
    handle: (call) => {
      const { group, topic } = call.params
      const partitions = byTopic(groupOf(call)).get(topic)
      return summaryOf(partitions ?? missing(`position of group ${group} on topic ${topic}`))
    },
  }),
]

/** CMAK's read API (its `conf/routes`), from the last looks at the clusters. */
export const cmakRoutes: readonly Route[] = [...clusterRoutes, ...groupRoutes]

type ClusterCall = Pick<Call<{ readonly cluster: string }, unknown, unknown>, 'house' | 'caller' | 'params'>

function viewOf({ house, params }: ClusterCall): ClusterView {
  return house.watches.view(params.cluster) ?? missing(`look at cluster ${params.cluster} yet`)
}

function maySee({ caller, params }: ClusterCall, kind: 'topic' | 'group', name: string): boolean {
  return may(caller, 'viewer', { cluster: params.cluster, resource: { kind, name } })
}

function topicsOf(call: ClusterCall): TopicMetadata[] {
  const topics = [...(viewOf(call).topics.value?.topics.values() ?? [])]
  return topics.filter(({ name }) => maySee(call, 'topic', name)).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function topicOf(call: ClusterCall & { readonly params: { readonly topic: string } }): TopicMetadata {
  const { topic } = call.params
  const found = viewOf(call).topics.value?.topics.get(topic)
  if (found === undefined) throw serverError('TOPIC_NOT_FOUND', `no topic ${topic} was seen`)
  return found
}

function groupOf(call: ClusterCall & { readonly params: { readonly group: string } }): GroupView {
  const { group } = call.params
  const found = viewOf(call).groups.value?.groups.get(group)
  if (found === undefined) throw serverError('GROUP_NOT_FOUND', `no group ${group} was seen`)
  return found
}

const numberOf = ({ partition }: { readonly partition: number }): number => partition

function brokersOf({ brokers }: ClusterView): z.infer<typeof brokerRow>[] {
  const all = (brokers.value?.brokers ?? []).toSorted((a, b) => a.nodeId - b.nodeId)
  return all.map(({ nodeId: id, host, port, rack, isFenced }) => ({ id, host, port, rack, isFenced }))
}

function identityOf({ name: topic, partitions }: TopicMetadata): z.infer<typeof topicIdentity> {
  const short = partitions.filter(isUnderReplicated).length
  return {
    ...{ topic, partitions: partitions.length, replicationFactor: partitions[0]?.replicas.length ?? 0 },
    underReplicatedPercentage: Math.round((100 * short) / Math.max(1, partitions.length)),
    partitionsIdentity: partitions.map((one) => ({
      ...{ partNum: one.partition, leader: one.leader, isr: [...one.isr], replicas: [...one.replicas] },
      isPreferredLeader: one.leader === one.replicas[0],
      isUnderReplicated: isUnderReplicated(one),
    })),
  }
}

function byTopic({ partitions }: GroupView): Map<string, GroupPartitionView[]> {
  return Map.groupBy(partitions, ({ topic }) => topic)
}

function lagOf(partitions: readonly GroupPartitionView[]): number | null {
  const lags = partitions.filter(({ position }) => position !== null).map(({ lag }) => lag.records)
  return lags.reduce<number | null>((sum, lag) => (sum === null || lag === null ? null : sum + lag), 0)
}

function consumerOf(group: GroupView): z.infer<typeof consumer> {
  const topics = byTopic(group)
  const lags = Object.fromEntries([...topics].map(([topic, partitions]) => [topic, lagOf(partitions)]))
  return { name: group.groupId, type: 'KF', topics: [...topics.keys()], lags }
}

function summaryOf(partitions: readonly GroupPartitionView[]): z.infer<typeof topicSummary> {
  const owned = partitions.filter(({ owner }) => owner !== null).length
  return {
    totalLag: lagOf(partitions),
    percentageCovered: Math.floor((100 * owned) / partitions.length),
    partitionOffsets: partitions.map(({ position }) => position),
    partitionLatestOffsets: partitions.map(({ end }) => end),
    owners: partitions.map(({ owner }) => (owner === null ? '' : `${owner.clientId}:${owner.clientHost}`)),
  }
}
