import { type Lag, totalLag } from '../../../observe/lag/lag.ts'
import type { GroupsView, GroupView } from '../../../observe/watch/view.ts'

/** A group as a reader of one topic. */
export type Reader = { readonly group: GroupView; readonly lag: Lag }

const known = new WeakMap<GroupsView, ReadonlyMap<string, readonly Reader[]>>()

/** Who reads each topic, with its lag there. Made once for each look at the groups. */
export function readersOf(groups: GroupsView | null): ReadonlyMap<string, readonly Reader[]> {
  if (groups === null) return new Map()
  const made = known.get(groups) ?? makeReaders(groups)
  known.set(groups, made)
  return made
}

function makeReaders({ groups }: GroupsView): ReadonlyMap<string, readonly Reader[]> {
  const readers = new Map<string, Reader[]>()
  for (const group of groups.values()) {
    for (const [topic, partitions] of Map.groupBy(group.partitions, ({ topic: name }) => name)) {
      const reader = { group, lag: totalLag(partitions.map(({ lag }) => lag)) }
      readers.set(topic, [...(readers.get(topic) ?? []), reader])
    }
  }
  return readers
}
