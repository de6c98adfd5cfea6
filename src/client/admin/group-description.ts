import type { DescribeGroupsResponseDescribedGroup } from '../../wire/apis/015-describe-groups.ts'
import type {
  ConsumerGroupDescribeResponseAssignment as Assignment,
  ConsumerGroupDescribeResponseDescribedGroup as ConsumerGroup,
} from '../../wire/apis/069-consumer-group-describe.ts'
import type * as share from '../../wire/apis/077-share-group-describe.ts'
import type {
  StreamsGroupDescribeResponseDescribedGroup as StreamsGroup,
  StreamsGroupDescribeResponseAssignment as Tasks,
} from '../../wire/apis/089-streams-group-describe.ts'
import { type AssignedPartitions, CONSUMER_PROTOCOL, decodeAssignment } from '../group/consumer-protocol.ts'
import type { GroupType } from './list-groups.ts'

export type GroupMember = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Null when the member's protocol is not the consumers' own, or its bytes cannot be read. */
  readonly assignment: readonly AssignedPartitions[] | null
}

export type GroupDescription = {
  readonly groupId: string
  readonly type: GroupType
  readonly state: string
  readonly protocolType: string
  /** The assignor; '' while there is none. */
  readonly protocol: string
  readonly coordinator: number
  /** Null for classic groups, whose generation is not told. */
  readonly epoch: number | null
  readonly members: readonly GroupMember[]
}

/** A group of the classic protocol, as DescribeGroups answers it. */
export function classicGroup(
  group: DescribeGroupsResponseDescribedGroup,
  coordinator: number,
): GroupDescription {
  const { groupId, groupState: state, protocolType, protocolData: protocol } = group
  const members = group.members.map(
    ({ memberId, groupInstanceId, clientId, clientHost, memberAssignment }) => ({
      memberId,
      instanceId: groupInstanceId,
      clientId,
      clientHost,
      assignment: protocolType === CONSUMER_PROTOCOL ? decodeAssignment(memberAssignment) : null,
    }),
  )
  return { groupId, type: 'classic', state, protocolType, protocol, coordinator, epoch: null, members }
}

/** A group of the new consumer protocol, as ConsumerGroupDescribe answers it (KIP-848). */
export function consumerGroup(group: ConsumerGroup, coordinator: number): GroupDescription {
  const { groupId, groupState: state, groupEpoch: epoch, assignorName: protocol } = group
  const members = group.members.map(({ memberId, instanceId, clientId, clientHost, assignment }) => {
    return { memberId, instanceId, clientId, clientHost, assignment: partitionsOf(assignment) }
  })
  const type = 'consumer'
  return { groupId, type, state, protocolType: CONSUMER_PROTOCOL, protocol, coordinator, epoch, members }
}

/** A share group, as ShareGroupDescribe answers it (KIP-932): several members may have the same partition. */
export function shareGroup(
  group: share.ShareGroupDescribeResponseDescribedGroup,
  coordinator: number,
): GroupDescription {
  const { groupId, groupState: state, groupEpoch: epoch, assignorName: protocol } = group
  const members = group.members.map(({ memberId, clientId, clientHost, assignment }) => {
    return { memberId, instanceId: null, clientId, clientHost, assignment: partitionsOf(assignment) }
  })
  return { groupId, type: 'share', state, protocolType: 'share', protocol, coordinator, epoch, members }
}

/** A Kafka Streams application, as StreamsGroupDescribe answers it (KIP-1071). */
export function streamsGroup(group: StreamsGroup, coordinator: number): GroupDescription {
  const { groupId, groupState: state, groupEpoch: epoch } = group
  const members = group.members.map(({ memberId, instanceId, clientId, clientHost, assignment }) => {
    return { memberId, instanceId, clientId, clientHost, assignment: inputsOf(assignment, group) }
  })
  return {
    groupId,
    type: 'streams',
    state,
    protocolType: 'streams',
    protocol: '',
    coordinator,
    epoch,
    members,
  }
}

/** Active task n of a subtopology reads partition n of each topic that it has for input. */
function inputsOf({ activeTasks }: Tasks, { topology }: StreamsGroup): AssignedPartitions[] {
  const subtopologies = new Map(topology?.subtopologies?.map((one) => [one.subtopologyId, one]))
  return activeTasks.flatMap(({ subtopologyId, partitions }) => {
    const { sourceTopics = [], repartitionSourceTopics = [] } = subtopologies.get(subtopologyId) ?? {}
    const topics = [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)]
    return topics.map((topic) => ({ topic, partitions }))
  })
}

function partitionsOf({ topicPartitions }: Pick<Assignment, 'topicPartitions'>): AssignedPartitions[] {
  return topicPartitions.map(({ topicName: topic, partitions }) => ({ topic, partitions }))
}
