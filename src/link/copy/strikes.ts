import type { PartitionCopier } from '../copier/partition.ts'
import type { Fault } from '../status.ts'
import { limits } from './limits.ts'

type Strike = {
  readonly count: number
  readonly until: number
  /** Why a write failed since the last recovery; null when none did. */
  readonly why: string | null
  /** What the partition waits for, when the destination said that it cannot take records for now. */
  readonly waits: Fault | null
}

/**
 * Counts recoveries in a row after which a partition could not write anything although its position could be read.
 * Such a partition waits longer from one to the next, and after many it is a fault that somebody must look at.
 */
export class Strikes {
  readonly #strikes = new Map<PartitionCopier, Strike>()

  /** Remembers why the last write failed. */
  note(copier: PartitionCopier, why: string, waits: Fault | null = null): void {
    const known = this.#strikes.get(copier) ?? { count: 0, until: 0, waits: null }
    const same = waits !== null && known.waits?.code === waits.code
    this.#strikes.set(copier, { ...known, why, waits: same ? known.waits : waits })
  }

  /** What it waits for: it goes on by itself, so that is no fault that stops it. */
  waitsFor(copier: PartitionCopier): Fault | null {
    return this.#strikes.get(copier)?.waits ?? null
  }

  /** A recovery; returns why it is one too many, or null. One without a failed write before it counts for nothing. */
  add(copier: PartitionCopier, now: number): string | null {
    const known = this.#strikes.get(copier)
    if (known === undefined || known.why === null) return null
    const { why, waits } = known
    const count = known.count + 1
    // The first failure is mostly a moved leader: recovered from at once.
    const pauseMs = count === 1 ? 0 : Math.min(limits.retryFirstMs * 2 ** (count - 1), limits.retryLastMs)
    this.#strikes.set(copier, { count, until: now + pauseMs, why: null, waits })
    return count > limits.strikesMax && waits === null ? why : null
  }

  /** Something of it has landed. */
  clear(copier: PartitionCopier): void {
    this.#strikes.delete(copier)
  }

  /** Milliseconds that the partition still has to wait before it recovers again. */
  restMs(copier: PartitionCopier, now: number): number {
    const rest = (this.#strikes.get(copier)?.until ?? 0) - now
    // More than the longest pause: the clock was set back.
    return rest > limits.retryLastMs ? 0 : Math.max(0, rest)
  }
}
