import { idOfRecord, type ShopRecord } from './shop-records.ts'

/** What came of comparing the ledger with what a reader found. */
export type Audit = {
  readonly acknowledged: number
  readonly found: number
  /** Acknowledged and not found. */
  readonly lost: readonly string[]
  /** Found more often than written. */
  readonly repeated: readonly string[]
  /** Of transactions that were given up, and found nevertheless. */
  readonly invented: readonly string[]
}

/** Topics whose records bear an id of their own. */
export type AuditedTopic = 'orders' | 'payments'

/**
 * The shop's own account of what the brokers promised to keep: it knows nothing of links, so it can judge them. Stock
 * is a compacted topic, of which only the last value of a key is promised; it is left to `verify`.
 */
export class Ledger {
  readonly #acknowledged: Record<AuditedTopic, Set<string>> = { orders: new Set(), payments: new Set() }
  readonly #aborted = new Map<string, number>()
  readonly #unknown = new Set<string>()
  #stock = 0

  acknowledged(records: readonly ShopRecord[]): void {
    for (const record of records) {
      if (record.topic === 'stock') this.#stock += 1
      else this.#acknowledged[record.topic].add(idOfRecord(record))
    }
  }

  /** Payments that were written in a transaction which was then given up; most are paid by a later one. */
  aborted(records: readonly ShopRecord[]): void {
    for (const record of records) {
      const id = idOfRecord(record)
      this.#aborted.set(id, (this.#aborted.get(id) ?? 0) + 1)
    }
  }

  /** An error came where an answer was due: whether they were written nobody knows, and nothing is promised. */
  unknown(records: readonly ShopRecord[]): void {
    for (const record of records) this.#unknown.add(idOfRecord(record))
  }

  get counts(): { orders: number; payments: number; stock: number; aborted: number } {
    const { orders, payments } = this.#acknowledged
    const aborted = [...this.#aborted.values()].reduce((sum, count) => sum + count, 0)
    return { orders: orders.size, payments: payments.size, stock: this.#stock, aborted }
  }

  /** Compares with the ids that a reader found, each as often as it was read. */
  audit(topic: AuditedTopic, found: Iterable<string>): Audit {
    const expected = this.#acknowledged[topic]
    const seen = new Map<string, number>()
    let count = 0
    for (const id of found) {
      seen.set(id, (seen.get(id) ?? 0) + 1)
      count += 1
    }
    return {
      acknowledged: expected.size,
      found: count,
      lost: [...expected].filter((id) => !seen.has(id)),
      repeated: [...seen].filter(([, times]) => times > 1).map(([id]) => id),
      invented: [...seen.keys()].filter((id) => !expected.has(id) && !this.#unknown.has(id)),
    }
  }
}
