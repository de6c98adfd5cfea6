import { describeGroups } from '../../client/admin/describe-groups.ts'
import type { Cluster } from '../../client/cluster.ts'
import { evict } from '../../gateway/evict.ts'

/**
 * Takes all members out of a group on a cluster that the route does not lead to: one that joined in the moment when its
 * gateway left that cluster is known to nobody, and would keep positions from being written until its session ends.
 * Whoever reads there on purpose joins again.
 */
export async function evictAll(cluster: Cluster, group: string): Promise<void> {
  const [described] = await describeGroups(cluster, [group])
  if (described?.ok !== true) return
  const protocol = described.value.type === 'consumer' ? 'consumer' : 'classic'
  const members = described.value.members.map(({ memberId: id }) => ({ group, id, protocol }) as const)
  await evict(cluster, members)
}
