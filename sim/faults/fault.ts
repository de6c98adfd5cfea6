import type { FaultItem } from '../plan.ts'
import type { World } from '../world/world.ts'

/** One way in which the world may go wrong. It may find nothing to do. */
export type Fault = {
  readonly kind: string
  readonly inject: (world: World, item: FaultItem) => void
}

/** Picks one of a list by a number from 0 to 1; undefined of an empty one. */
export function choose<T>(list: readonly T[], by: number): T | undefined {
  return list[Math.min(list.length - 1, Math.floor(by * list.length))]
}
