import { limits } from './limits.ts'

/** One of those who share it: a link's session. */
export type Holder = {
  /** What each of its partitions holds, waiting or on its way. */
  copiers(): Iterable<{ readonly heldBytes: number }>
  readonly partitionCount: number
  /** What Fetch requests on their way may bring. */
  readonly comingBytes: number
}

/** How much a partition may hold now, and how much all of them may still take. */
export type Room = { readonly partitionMax: number; readonly freeBytes: number }

/**
 * The records that all links of a thread hold together. Half of it is shared out evenly among their partitions, so
 * that those which stand still with all they may hold leave the others theirs; of what is free of the other half each
 * may have a part (dynamic thresholds, Choudhury and Hahne 1998).
 */
export class HeldRecords {
  readonly #holders = new Set<Holder>()

  join(holder: Holder): void {
    this.#holders.add(holder)
  }

  leave(holder: Holder): void {
    this.#holders.delete(holder)
  }

  room(): Room {
    const half = limits.heldBytesMax / 2
    let partitions = 0
    for (const { partitionCount } of this.#holders) partitions += partitionCount
    const floor = half / Math.max(1, partitions)
    let held = 0
    let shared = 0
    for (const holder of this.#holders) {
      held += holder.comingBytes
      shared += holder.comingBytes
      for (const { heldBytes } of holder.copiers()) {
        held += heldBytes
        shared += Math.max(0, heldBytes - floor)
      }
    }
    const part = Math.max(0, half - shared) * limits.partitionPartOfFree
    return {
      partitionMax: Math.min(limits.partitionBytesMax, floor + part),
      freeBytes: Math.max(0, limits.heldBytesMax - held),
    }
  }
}
