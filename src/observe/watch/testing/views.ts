import { unknownLag } from '../../lag/lag.ts'
import type { Aged } from '../aged.ts'
import type { ClusterView, GroupPartitionView, GroupView } from '../view.ts'

const NOTHING: Aged<never> = { value: null, at: null, trouble: null }

/** A cluster of which nothing is known, but for what is given. */
export function clusterView(known: Partial<ClusterView>): ClusterView {
  const parts = { brokers: NOTHING, quorum: NOTHING, topics: NOTHING, disks: NOTHING, groups: NOTHING }
  return { name: 'fra', ...parts, health: [], ...known }
}

export function known<T>(value: T, at: number): Aged<T> {
  return { value, at, trouble: null }
}

export function groupPartition(more: Partial<GroupPartitionView>): GroupPartitionView {
  const place = { topic: 'orders', partition: 0, position: 5, start: 0, end: 8, owner: null }
  const verdict = { verdict: 'OK', complete: 1, commits: [], first: null, last: null } as const
  return { ...place, ...verdict, lag: { ...unknownLag, records: 3 }, ...more }
}

export function groupView(more: Partial<GroupView>): GroupView {
  const what = {
    groupId: 'readers',
    type: 'classic',
    protocolType: 'consumer',
    state: 'Stable',
    coordinator: 1,
  }
  const verdict = { verdict: 'OK', complete: 1, lastCommitAt: null, at: null, trouble: null } as const
  return { ...what, ...verdict, members: null, partitions: [], lag: unknownLag, ...more }
}
