import { type BatchHeader, isControl, isTransactional } from '../../wire/batch/header.ts'
import { readControlRecord } from '../../wire/batch/records.ts'
import type { FetchedPartition } from '../fetch.ts'

export type Transaction = Pick<FetchedPartition['abortedTransactions'][number], 'producerId' | 'firstOffset'>

/**
 * The producer ids whose transaction, at the batch now looked at, is one that was aborted. Made for one Fetch answer,
 * whose list names each aborted transaction that overlaps it (KIP-98).
 */
export class AbortedTransactions {
  readonly #ahead: Transaction[]
  readonly #open = new Set<number>()
  #next = 0

  constructor(transactions: readonly Transaction[]) {
    this.#ahead = [...transactions].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  reach(end: number): void {
    for (
      let t = this.#ahead[this.#next];
      t !== undefined && t.firstOffset < end;
      t = this.#ahead[this.#next]
    ) {
      this.#open.add(t.producerId)
      this.#next++
    }
  }

  /** Its marker was seen, so what this producer writes from here on belongs to another transaction. */
  forget(producerId: number): void {
    this.#open.delete(producerId)
  }

  has(producerId: number): boolean {
    return this.#open.has(producerId)
  }
}

/** The same, found by walking through a log backwards: a transaction's marker comes before its records. */
export class AbortedBackwards {
  readonly #aborted = new Set<number>()

  /** Whether no reader of committed records sees anything of the batch, which lies right before the last one. */
  isUnseen(batch: Buffer, header: BatchHeader): boolean {
    const { producerId } = header
    if (!isControl(header)) return isTransactional(header) && this.#aborted.has(producerId)
    if (readControlRecord(batch).type === 'ABORT') this.#aborted.add(producerId)
    else this.#aborted.delete(producerId)
    return true
  }
}
