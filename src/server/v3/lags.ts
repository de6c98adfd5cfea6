import { z } from 'zod'
import { describeGroups } from '../../client/admin/describe-groups.ts'
import type { GroupMember } from '../../client/admin/group-description.ts'
import { unwrap } from '../../client/outcome.ts'
import { partitionName } from '../../client/partition.ts'
import { type PositionLag, positionsOf, totalLag } from '../../observe/lag/group-lag.ts'
import { ask, missing, only } from '../ask.ts'
import { type Route, route } from '../http/route.ts'
import { GROUP, type GroupCall, ofGroup } from './of-group.ts'
import {
  below,
  collection,
  collectionOf,
  groupPlace,
  link,
  linkSchema,
  partitionPlace,
  resource,
  resourceOf,
} from './shape.ts'

const lag = resourceOf('KafkaConsumerLag', {
  cluster_id: z.string(),
  consumer_group_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  current_offset: z.int(),
  /** Null where the partition has no leader that would tell. */
  log_end_offset: z.int().nullable(),
  lag: z.int().nullable(),
  /** '' while nobody reads the partition. */
  consumer_id: z.string(),
  instance_id: z.string().nullable(),
  client_id: z.string(),
})

const summary = resourceOf('KafkaConsumerGroupLagSummary', {
  cluster_id: z.string(),
  consumer_group_id: z.string(),
  max_lag_consumer_id: z.string(),
  max_lag_instance_id: z.string().nullable(),
  max_lag_client_id: z.string(),
  max_lag_topic_name: z.string(),
  max_lag_partition_id: z.int(),
  max_lag: z.int().nullable(),
  total_lag: z.int().nullable(),
  max_lag_consumer: linkSchema,
  max_lag_partition: linkSchema,
})

export const lagRoutes: readonly Route[] = [
  route({
    ...ofGroup,
    path: `${GROUP}/lags`,
    summary: 'How far a group is behind, by partition',
    answer: collectionOf('KafkaConsumerLagList', lag),
    async handle(call) {
      const { clusterId, groupId, lags } = await lagsOf(call)
      const self = `${groupPlace(clusterId, groupId).path}/lags`
      return collection(
        'KafkaConsumerLagList',
        self,
        lags.map((one) => lagResource(clusterId, groupId, one)),
      )
    },
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/lags/{topic}/partitions/{partition}`,
    summary: 'How far a group is behind in one partition',
    answer: lag,
    async handle(call) {
      const { topic, partition } = call.params
      const { clusterId, groupId, lags } = await lagsOf(call)
      const found = lags.find((one) => one.topic === topic && String(one.partition) === partition)
      return lagResource(
        clusterId,
        groupId,
        found ?? missing(`position of ${groupId} in ${topic}-${partition}`),
      )
    },
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/lag-summary`,
    summary: 'How far a group is behind in all, and where most',
    answer: summary,
    async handle(call) {
      const { clusterId, groupId, lags } = await lagsOf(call)
      const worst = lags.reduce<OwnedLag | null>((max, one) => {
        return max === null || (one.lag ?? -1) > (max.lag ?? -1) ? one : max
      }, null)
      return summaryResource({ clusterId, groupId, lags, worst: worst ?? missing(`position of ${groupId}`) })
    },
  }),
]

type OwnedLag = PositionLag & { readonly member: GroupMember | null }
type GroupLags = { readonly clusterId: string; readonly groupId: string; readonly lags: readonly OwnedLag[] }

/** Positions with who reads there. @throws KAFKA_ERROR with GROUP_ID_NOT_FOUND */
function lagsOf(call: GroupCall): Promise<GroupLags> {
  return ask(call, async (cluster, limits) => {
    const { group: groupId } = call.params
    const { members } = only(await describeGroups(cluster, [groupId], limits))
    const [outcome] = await positionsOf(cluster, [groupId], limits.signal)
    const owners = new Map(members.flatMap((member) => namesRead(member).map((name) => [name, member])))
    const lags = unwrap(outcome!).map((one) => ({ ...one, member: owners.get(partitionName(one)) ?? null }))
    return { clusterId: cluster.clusterId, groupId, lags }
  })
}

function namesRead({ assignment }: GroupMember): string[] {
  return (assignment ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((partition) => partitionName({ topic, partition })),
  )
}

function lagResource(clusterId: string, groupId: string, one: OwnedLag): z.infer<typeof lag> {
  const { topic, partition, offset, end, member } = one
  const list = below(groupPlace(clusterId, groupId), 'lags', topic, 'lag')
  return resource('KafkaConsumerLag', below(list, 'partitions', partition, 'partition'), {
    ...{ cluster_id: clusterId, consumer_group_id: groupId, topic_name: topic, partition_id: partition },
    ...{ current_offset: offset, log_end_offset: end, lag: one.lag },
    consumer_id: member?.memberId ?? '',
    instance_id: member?.instanceId ?? null,
    client_id: member?.clientId ?? '',
  })
}

function summaryResource({ clusterId, groupId, lags, worst }: GroupLags & { readonly worst: OwnedLag }) {
  const { path, crn } = groupPlace(clusterId, groupId)
  const { topic, partition, member } = worst
  const consumer = below({ path, crn }, 'consumers', member?.memberId ?? '', 'consumer')
  return resource(
    'KafkaConsumerGroupLagSummary',
    { path: `${path}/lag-summary`, crn: `${crn}/lag-summary` },
    {
      ...{ cluster_id: clusterId, consumer_group_id: groupId },
      max_lag_consumer_id: member?.memberId ?? '',
      max_lag_instance_id: member?.instanceId ?? null,
      max_lag_client_id: member?.clientId ?? '',
      max_lag_topic_name: topic,
      max_lag_partition_id: partition,
      max_lag: worst.lag,
      total_lag: totalLag(lags),
      max_lag_consumer: link(consumer.path),
      max_lag_partition: link(partitionPlace(clusterId, topic, partition).path),
    },
  )
}
