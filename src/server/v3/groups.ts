import { z } from 'zod'
import { describeGroups } from '../../client/admin/describe-groups.ts'
import type { GroupDescription, GroupMember } from '../../client/admin/group-description.ts'
import { listGroups } from '../../client/admin/list-groups.ts'
import { ask, missing, only } from '../ask.ts'
import { may } from '../door/caller.ts'
import { type Route, route } from '../http/route.ts'
import { GROUP, type GroupCall, ofGroup } from './of-group.ts'
import { pageOf, pageQuery } from './page.ts'
import {
  below,
  brokerPlace,
  capitals,
  clusterPlace,
  collection,
  collectionOf,
  groupPlace,
  link,
  linkSchema,
  partitionPlace,
  resource,
  resourceOf,
} from './shape.ts'

const group = resourceOf('KafkaConsumerGroup', {
  cluster_id: z.string(),
  consumer_group_id: z.string(),
  is_simple: z.boolean(),
  partition_assignor: z.string(),
  state: z.string(),
  type: z.string(),
  is_mixed_consumer_group: z.boolean(),
  coordinator: linkSchema,
  consumers: linkSchema,
  lag_summary: linkSchema,
})

const consumer = resourceOf('KafkaConsumer', {
  cluster_id: z.string(),
  consumer_group_id: z.string(),
  consumer_id: z.string(),
  instance_id: z.string().nullable(),
  client_id: z.string(),
  assignments: linkSchema,
})

const assignment = resourceOf('KafkaConsumerAssignment', {
  cluster_id: z.string(),
  consumer_group_id: z.string(),
  consumer_id: z.string(),
  topic_name: z.string(),
  partition_id: z.int(),
  partition: linkSchema,
  lag: linkSchema,
})

/** Protocols of consumers: '' stands for groups that only commit positions. Connect's and kmc's own are none. */
const PROTOCOLS: ReadonlySet<string> = new Set(['consumer', '', 'share', 'streams'])

export const groupRoutes: readonly Route[] = [
  route({
    ...ofGroup,
    path: '/v3/clusters/{cluster}/consumer-groups',
    summary: 'The groups of a cluster that the caller may see',
    need: { role: 'viewer', on: 'somewhere' },
    query: pageQuery,
    answer: collectionOf('KafkaConsumerGroupList', group),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { caller, params, query } = call
        const { groups } = await listGroups(cluster, limits)
        const seen = groups.filter(
          ({ groupId: name, protocolType }) =>
            PROTOCOLS.has(protocolType) &&
            may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'group', name } }),
        )
        const self = `${clusterPlace(cluster.clusterId).path}/consumer-groups`
        const { items, next } = pageOf(seen, ({ groupId }) => groupId, query, self)
        const names = items.map(({ groupId }) => groupId)
        const described = await describeGroups(cluster, names, limits)
        // A group that has gone meanwhile is left out.
        const known = described.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))
        const data = known.map((one) => groupResource(cluster.clusterId, one))
        return collection('KafkaConsumerGroupList', self, data, next)
      }),
  }),
  route({
    ...ofGroup,
    path: GROUP,
    summary: 'A group',
    answer: group,
    handle: (call) => withGroup(call, groupResource),
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/consumers`,
    summary: 'The members of a group',
    answer: collectionOf('KafkaConsumerList', consumer),
    handle: (call) =>
      withGroup(call, (clusterId, { groupId, members }) =>
        collection(
          'KafkaConsumerList',
          `${groupPlace(clusterId, groupId).path}/consumers`,
          members.map((member) => consumerResource(clusterId, groupId, member)),
        ),
      ),
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/consumers/{consumer}`,
    summary: 'A member of a group',
    answer: consumer,
    handle: (call) =>
      withGroup(call, (clusterId, found) =>
        consumerResource(clusterId, found.groupId, memberOf(found, call.params.consumer)),
      ),
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/consumers/{consumer}/assignments`,
    summary: 'The partitions that a member reads',
    answer: collectionOf('KafkaConsumerAssignmentList', assignment),
    handle: (call) =>
      withGroup(call, (clusterId, found) => {
        const member = memberOf(found, call.params.consumer)
        const { path } = consumerPlace(clusterId, found.groupId, member)
        const data = assignmentsOf(clusterId, found.groupId, member)
        return collection('KafkaConsumerAssignmentList', `${path}/assignments`, data)
      }),
  }),
  route({
    ...ofGroup,
    path: `${GROUP}/consumers/{consumer}/assignments/{topic}/partitions/{partition}`,
    summary: 'One partition that a member reads',
    answer: assignment,
    handle: (call) =>
      withGroup(call, (clusterId, found) => {
        const { consumer, topic, partition } = call.params
        const all = assignmentsOf(clusterId, found.groupId, memberOf(found, consumer))
        const one = all.find(
          ({ topic_name, partition_id }) => topic_name === topic && String(partition_id) === partition,
        )
        return one ?? missing(`assignment of ${topic}-${partition} to ${consumer}`)
      }),
  }),
]

function withGroup<T>(call: GroupCall, view: (clusterId: string, group: GroupDescription) => T): Promise<T> {
  return ask(call, async (cluster, limits) =>
    view(cluster.clusterId, only(await describeGroups(cluster, [call.params.group], limits))),
  )
}

function memberOf({ groupId, members }: GroupDescription, consumer: string): GroupMember {
  return members.find(({ memberId }) => memberId === consumer) ?? missing(`member ${consumer} of ${groupId}`)
}

function groupResource(clusterId: string, found: GroupDescription): z.infer<typeof group> {
  const { groupId, type, state, protocolType, protocol, coordinator } = found
  const place = groupPlace(clusterId, groupId)
  return resource('KafkaConsumerGroup', place, {
    ...{ cluster_id: clusterId, consumer_group_id: groupId },
    is_simple: protocolType === '',
    partition_assignor: protocol,
    state: capitals(state),
    type: capitals(type),
    is_mixed_consumer_group: false,
    coordinator: link(brokerPlace(clusterId, coordinator).path),
    consumers: link(`${place.path}/consumers`),
    lag_summary: link(`${place.path}/lag-summary`),
  })
}

function consumerPlace(clusterId: string, groupId: string, { memberId }: GroupMember) {
  return below(groupPlace(clusterId, groupId), 'consumers', memberId, 'consumer')
}

function consumerResource(clusterId: string, groupId: string, member: GroupMember): z.infer<typeof consumer> {
  const place = consumerPlace(clusterId, groupId, member)
  const { memberId, instanceId, clientId } = member
  return resource('KafkaConsumer', place, {
    ...{ cluster_id: clusterId, consumer_group_id: groupId },
    ...{ consumer_id: memberId, instance_id: instanceId, client_id: clientId },
    assignments: link(`${place.path}/assignments`),
  })
}

function assignmentsOf(
  clusterId: string,
  groupId: string,
  member: GroupMember,
): z.infer<typeof assignment>[] {
  const place = consumerPlace(clusterId, groupId, member)
  const all = (member.assignment ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  )
  return all.map(({ topic, partition }) => {
    const own = below(below(place, 'assignments', topic, 'assignment'), 'partitions', partition, 'partition')
    const lags = below(groupPlace(clusterId, groupId), 'lags', topic, 'lag')
    return resource('KafkaConsumerAssignment', own, {
      ...{ cluster_id: clusterId, consumer_group_id: groupId, consumer_id: member.memberId },
      ...{ topic_name: topic, partition_id: partition },
      partition: link(partitionPlace(clusterId, topic, partition).path),
      lag: link(below(lags, 'partitions', partition, 'partition').path),
    })
  })
}
