import type { Cluster } from '../client/cluster.ts'
import { perCoordinator } from '../client/coordinator-calls.ts'
import { outcomeOf } from '../client/outcome.ts'
import { LeaveGroup } from '../wire/apis/013-leave-group.ts'
import { ConsumerGroupHeartbeat } from '../wire/apis/068-consumer-group-heartbeat.ts'
import type { Protocol } from './state/members.ts'

/** A member that a cluster still counts on, although its client has moved to another one. */
export type Ghost = { readonly group: string; readonly id: string; readonly protocol: Protocol }

/** Memberships of KIP-848 end with a heartbeat of this epoch. */
const LEAVING_EPOCH = -1

/**
 * Takes members out of their groups on the cluster that was left: until their sessions are over, up to 45 s, they would
 * hold up whoever comes back, and commits would be refused. Gives how many could not be taken out, because their
 * coordinator could not be asked: a cluster that is gone has no ghosts.
 */
export async function evict(cluster: Cluster, ghosts: readonly Ghost[]): Promise<number> {
  const outcomes = await perCoordinator(cluster, ghosts, {
    what: `leave groups of ${cluster.name}`,
    kind: 'group',
    keyOf: ({ group }) => group,
    ask: (node, some, limits) =>
      Promise.all(some.map((ghost) => outcomeOf(leave(cluster, node, ghost, limits.timeoutMs)))),
  })
  return outcomes.filter(({ ok }) => !ok).length
}

async function leave(cluster: Cluster, node: number, ghost: Ghost, timeoutMs: number): Promise<void> {
  const { group: groupId, id: memberId, protocol } = ghost
  if (protocol === 'classic') {
    const members = [{ memberId, reason: 'moved to another cluster' }]
    await cluster.request(LeaveGroup, { groupId, members }, { node, timeoutMs })
  } else {
    const body = { groupId, memberId, memberEpoch: LEAVING_EPOCH }
    await cluster.request(ConsumerGroupHeartbeat, body, { node, timeoutMs })
  }
}
