import { describeGroups } from '../../../client/admin/describe-groups.ts'
import { fetchOffsets } from '../../../client/admin/group-offsets.ts'
import { type ListedGroup, listGroups } from '../../../client/admin/list-groups.ts'
import { fetchShareOffsets } from '../../../client/admin/share-offsets.ts'
import type { Cluster } from '../../../client/cluster.ts'
import type { GroupFacts, PositionFacts } from '../facts.ts'
import type { Budget } from './budget.ts'

/** The protocol of the workers of links. */
const WORKERS = 'kmc'

/** Every group of a cluster with members and positions; a group that does not say has none known. */
export async function readGroups(cluster: Cluster, budget: Budget): Promise<GroupFacts[]> {
  const { groups, failures } = await listGroups(cluster, budget.limits)
  const [failure] = failures
  if (failure !== undefined) throw failure.error
  const listed = groups.filter(({ protocolType }) => protocolType !== WORKERS)
  const [members, positions] = await Promise.all([
    membersOf(cluster, listed, budget),
    positionsOf(cluster, listed, budget),
  ])
  return listed.map(({ groupId: group, type, protocolType, state }) => {
    const clients = members.get(group) ?? null
    const isIdle = state === 'Empty' || state === 'Dead'
    return {
      group,
      type,
      protocolType,
      state,
      members: clients?.length ?? (isIdle ? 0 : null),
      clients: [...new Set(clients ?? [])].sort(),
      positions: positions.get(group) ?? [],
    }
  })
}

async function membersOf(
  cluster: Cluster,
  groups: readonly ListedGroup[],
  budget: Budget,
): Promise<Map<string, string[]>> {
  const ids = groups.map(({ groupId }) => groupId)
  const outcomes = ids.length === 0 ? [] : await describeGroups(cluster, ids, budget.limits)
  const described = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))
  return new Map(
    described.map(({ groupId, members }) => [
      groupId,
      members.map(({ clientId, clientHost }) => `${clientId} at ${clientHost.replace(/^\//, '')}`),
    ]),
  )
}

async function positionsOf(
  cluster: Cluster,
  groups: readonly ListedGroup[],
  budget: Budget,
): Promise<Map<string, PositionFacts[]>> {
  const byKind = Map.groupBy(groups, ({ type }) => (type === 'share' ? 'share' : 'consumer'))
  const ids = (kind: string) => (byKind.get(kind as 'share') ?? []).map(({ groupId }) => groupId)
  const [consumers, shares] = [ids('consumer'), ids('share')]
  const [committed, begun] = await Promise.all([
    fetchOffsets(
      cluster,
      consumers.map((groupId) => ({ groupId })),
      budget.limits,
    ),
    shares.length === 0 ? [] : fetchShareOffsets(cluster, shares, budget.limits),
  ])
  const found = new Map<string, PositionFacts[]>()
  for (const [index, outcome] of committed.entries()) {
    if (!outcome.ok) throw outcome.error
    const set = outcome.value.filter(({ offset }) => offset >= 0)
    found.set(
      consumers[index]!,
      set.map(({ topic, partition, offset, metadata }) => ({ topic, partition, offset, metadata })),
    )
  }
  for (const [index, outcome] of begun.entries()) {
    const set = outcome.ok ? outcome.value.filter(({ offset }) => offset >= 0) : []
    found.set(
      shares[index]!,
      set.map((start) => ({ ...start, metadata: null })),
    )
  }
  return found
}
