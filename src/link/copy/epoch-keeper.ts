import { messageOf } from '../../base/error.ts'
import type { PartitionCopier } from '../copier/partition.ts'
import type { EpochStart } from '../copier/source-epochs.ts'
import type { TopicPartition } from '../port.ts'
import type { Copying } from './copying.ts'
import { limits } from './limits.ts'

/** Where the source's leader epochs of what is copied are kept for the next worker (`share/epoch-book`). */
export type Epochs = {
  /** Before anything is looked up. */
  open(): Promise<void>
  find(at: TopicPartition): readonly EpochStart[]
  /** Resolves when it is stored. */
  write(
    entries: readonly { readonly at: TopicPartition; readonly starts: readonly EpochStart[] }[],
  ): Promise<void>
}

/** Has new leader epochs of the source stored, many partitions at once; their copiers wait for it. */
export class EpochKeeper {
  readonly #copying: Copying
  readonly #epochs: Epochs
  #waiting = new Set<PartitionCopier>()
  #busy = false

  constructor(copying: Copying, epochs: Epochs) {
    this.#copying = copying
    this.#epochs = epochs
  }

  /** What an earlier worker noted of a partition; `open` comes first. */
  find(at: TopicPartition): readonly EpochStart[] {
    return this.#epochs.find(at)
  }
  open(): Promise<void> {
    return this.#epochs.open()
  }

  /** These have read on: whatever is new in them is stored, and then they go on. */
  keep(copiers: readonly PartitionCopier[]): void {
    for (const copier of copiers) if (!copier.epochs.areStored) this.#waiting.add(copier)
    if (this.#waiting.size > 0 && !this.#busy) this.#copying.sending(this.#write())
  }

  async #write(): Promise<void> {
    const { log, clock, stopSignal } = this.#copying
    this.#busy = true
    for (let failures = 0; this.#waiting.size > 0 && !this.#copying.stopping; ) {
      const copiers = [...this.#waiting]
      const entries = copiers.map(({ at, epochs }) => ({ at, starts: epochs.starts }))
      this.#waiting = new Set()
      try {
        await this.#epochs.write(entries)
        for (const [index, copier] of copiers.entries()) copier.epochs.stored(entries[index]!.starts)
        this.#copying.settled(copiers)
        failures = 0
      } catch (error) {
        log.warn({ why: messageOf(error) }, 'leader epochs of the source not stored yet')
        for (const copier of copiers) this.#waiting.add(copier)
        await clock.sleep(Math.min(limits.retryFirstMs * 2 ** failures++, limits.retryLastMs), stopSignal)
      }
      for (const copier of this.#waiting) if (copier.epochs.areStored) this.#waiting.delete(copier)
    }
    this.#busy = false
  }
}
