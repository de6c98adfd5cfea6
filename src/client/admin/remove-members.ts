import { LeaveGroup } from '../../wire/apis/013-leave-group.ts'
import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import type { Cluster } from '../cluster.ts'
import type { CallOptions } from '../retry.ts'
import type { GroupDescription } from './group-description.ts'

/** The member epoch with which a member says that it leaves (KIP-848). */
const LEAVING_EPOCH = -1

/**
 * Removes all members of a group at its coordinator, as `Admin.removeMembersFromConsumerGroup` does: what they were
 * assigned is free at once, and nobody waits for their sessions to end. Members that have left meanwhile are no error.
 */
export async function removeMembers(
  cluster: Cluster,
  { groupId, type, members, coordinator }: GroupDescription,
  options: CallOptions = {},
): Promise<void> {
  const call = { node: coordinator, ...options }
  if (type !== 'consumer') {
    const leaving = members.map(({ memberId, instanceId }) => ({ memberId, groupInstanceId: instanceId }))
    await cluster.request(LeaveGroup, { groupId, members: leaving }, call)
    return
  }
  for (const { memberId } of members) {
    await cluster.request(ConsumerGroupHeartbeat, { groupId, memberId, memberEpoch: LEAVING_EPOCH }, call)
  }
}
