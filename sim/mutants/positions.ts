import type { Mutant } from './mutant.ts'
import { atGroups } from './wrap.ts'

/** Bugs of whoever carries group positions over. */
export const positionMutants: readonly Mutant[] = [
  atGroups('positions-do-not-wait', 'positions are written before the records that they rest on', () => ({
    source: { highWatermarks: async (partitions) => partitions.map(() => 0) },
  })),
  atGroups('position-one-more', 'a position is written one offset too far', (_source, destination) => ({
    destination: {
      commit: (group, positions) =>
        destination.commit(
          group,
          positions.map((position) => ({ ...position, offset: position.offset + 1 })),
        ),
    },
  })),
]
