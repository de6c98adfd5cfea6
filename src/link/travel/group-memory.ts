import type { GroupMemory } from '../groups/port.ts'
import type { Position } from '../groups/position.ts'
import type { OwnedBook } from './owned.ts'

/** Positions that a link wrote last, kept among its notes. */
export function groupMemory(book: OwnedBook): GroupMemory {
  return {
    async load() {
      const groups = new Map<string, ReadonlyMap<string, number>>()
      for (const record of (await book.read()).values()) {
        if (record.kind !== 'group') continue
        const entries = Object.entries(record.offsets).flatMap(([mirror, partitions]) =>
          Object.entries(partitions).map(
            ([partition, offset]) => [`${mirror}-${partition}`, offset] as const,
          ),
        )
        groups.set(record.group, new Map(entries))
      }
      return groups
    },
    async save(groups) {
      await book.write(
        [...groups].map(([group, positions]) => {
          return { what: `group/${group}`, record: { kind: 'group', group, offsets: offsetsOf(positions) } }
        }),
      )
    },
  }
}

function offsetsOf(positions: readonly Position[]): Record<string, Record<string, number>> {
  const offsets: Record<string, Record<string, number>> = {}
  for (const { topic, partition, offset } of positions) {
    offsets[topic] = { ...offsets[topic], [partition]: offset }
  }
  return offsets
}
