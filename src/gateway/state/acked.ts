import type { ScannedPartition } from '../frames/produce-scan.ts'
import { ACKED_BATCHES_MAX, ACKED_PARTITIONS_MAX, TRANSACTIONAL_IDS_MAX } from '../limits.ts'
import { AckedRing, type Entry, type Transaction } from './acked-ring.ts'

/** Where logs end, by topic, each partition at its index. */
export type Ends = Readonly<Record<string, readonly number[]>>

/** What clients were told to be written in one partition from an offset on. */
export type AckedPartition = {
  readonly partition: number
  /** The offset behind the last of it. */
  readonly end: number
  /** Records of their own, and those of transactions whose commit was acknowledged. */
  readonly records: number
  readonly bytes: number
  /** Of these records: acknowledged by the leader alone (acks=1). */
  readonly byLeader: number
  /** Of transactions that were aborted, and of those whose end nobody was told of: no loss of committed data. */
  readonly aborted: number
  readonly open: number
  /** When the first and the last of these records were acknowledged; null where there are none. */
  readonly firstAt: number | null
  readonly lastAt: number | null
  /** Whether more may have been acknowledged in this range, longer ago than is remembered. */
  readonly isShort: boolean
}

export type AckedAfter = {
  /** From when on it is known, where too much had to be remembered; null: from the beginning, or the last switch. */
  readonly since: number | null
  readonly topics: Readonly<Record<string, readonly AckedPartition[]>>
  /** Records of topics without an end: nothing of them is on the other side as far as anybody knows. */
  readonly elsewhere: Readonly<Record<string, number>>
  /** Topics that were written to without asking for an answer (acks=0): nobody knows what became of that. */
  readonly unanswered: readonly string[]
}

/** Fields of a record batch (KIP-98). */
const AT = { batchLength: 8, attributes: 21, producerId: 43, producerEpoch: 51, recordCount: 57 }
const BEFORE_LENGTH_BYTES = 12
const TRANSACTIONAL = 0x10
const TOPICS_UNANSWERED_MAX = 100

/**
 * What the cluster that serves has acknowledged lately, so that after a crash the loss can be told by the record: a
 * mirror has the same offsets, so what was acknowledged from its end on is what it lacks. Remembers as many batches as
 * fit, however old, and knows of each partition whether that is enough. Pure but for the clock.
 */
export class Acked {
  readonly #now: () => number
  readonly #ring = new AckedRing(ACKED_BATCHES_MAX)
  /** By producer id, the transaction that its records belong to. */
  readonly #open = new Map<number, Transaction>()
  readonly #unanswered = new Set<string>()
  #since: number | null = null

  constructor(now: () => number) {
    this.#now = now
  }

  /** A batch stands at this offset, and its client is being told so. */
  take({ topic, partition, batchHead, acks }: ScannedPartition, baseOffset: number): void {
    // Of a cluster that answers without an offset nothing can be said.
    if (baseOffset < 0) return
    if (this.#ring.partitionCount >= ACKED_PARTITIONS_MAX) this.#forget(this.#now())
    const isTransactional = (batchHead.readInt16BE(AT.attributes) & TRANSACTIONAL) !== 0
    this.#ring.push(topic, partition, {
      base: baseOffset,
      records: batchHead.readInt32BE(AT.recordCount),
      bytes: batchHead.readInt32BE(AT.batchLength) + BEFORE_LENGTH_BYTES,
      at: this.#now(),
      isByLeader: acks === 1,
      transaction: isTransactional ? this.#transactionOf(batchHead) : null,
    })
  }

  /** Batches that nobody will be told of (acks=0). */
  passedUnanswered(batches: readonly ScannedPartition[]): void {
    for (const { topic } of batches)
      if (this.#unanswered.size < TOPICS_UNANSWERED_MAX) this.#unanswered.add(topic)
  }

  /** A producer was told how its transaction ended. */
  ended(producerId: number, outcome: 'committed' | 'aborted'): void {
    const transaction = this.#open.get(producerId)
    if (transaction === undefined) return
    transaction.outcome = outcome
    this.#open.delete(producerId)
  }

  /** Another cluster serves: what the last one acknowledged is of no concern to it. */
  beginAnew(): void {
    this.#forget(null)
  }

  /** What was acknowledged at these ends and behind them; partitions of which there is nothing to say are left out. */
  after(ends: Ends): AckedAfter {
    // Maps: a topic may be called `constructor`.
    const topics = new Map<string, AckedPartition[]>()
    const elsewhere = new Map<string, number>()
    for (const { topic, partition, entries, droppedTo } of this.#ring.partitions()) {
      const from = ends[topic]?.[partition]
      if (from === undefined) {
        const records = sumOf(beyond(entries, 0).filter(isCounted))
        if (records > 0) elsewhere.set(topic, (elsewhere.get(topic) ?? 0) + records)
        continue
      }
      const found = beyond(entries, from)
      if (found.length === 0 && droppedTo <= from) continue
      const list = topics.get(topic) ?? []
      topics.set(topic, list)
      list.push(partitionOf(partition, found, { from, droppedTo }))
    }
    return {
      ...{ since: this.#since, unanswered: [...this.#unanswered] },
      ...{ topics: Object.fromEntries(topics), elsewhere: Object.fromEntries(elsewhere) },
    }
  }

  /** Of every partition the offset behind the last of what clients were told of. */
  ends(): ReturnType<AckedRing['ends']> {
    return this.#ring.ends()
  }

  #forget(since: number | null): void {
    this.#ring.clear()
    this.#open.clear()
    this.#unanswered.clear()
    this.#since = since
  }

  #transactionOf(batchHead: Buffer): Transaction {
    const producerId = Number(batchHead.readBigInt64BE(AT.producerId))
    const epoch = batchHead.readInt16BE(AT.producerEpoch)
    const known = this.#open.get(producerId)
    if (known?.epoch === epoch) return known
    // An older one was given up by a producer that began anew: nobody was told that it was committed.
    const begun: Transaction = { epoch, outcome: 'open' }
    this.#open.delete(producerId)
    if (this.#open.size >= TRANSACTIONAL_IDS_MAX) this.#open.delete(this.#open.keys().next().value!)
    this.#open.set(producerId, begun)
    return begun
  }
}

/** What lies at an offset or behind it, each offset once: a batch that was sent again is acknowledged again. */
function beyond(entries: readonly Entry[], from: number): Entry[] {
  let end = from
  return entries
    .toSorted((a, b) => a.base - b.base)
    .flatMap((entry) => {
      const base = Math.max(entry.base, end)
      const records = entry.base + entry.records - base
      if (records <= 0) return []
      end = base + records
      if (records === entry.records) return [entry]
      return [{ ...entry, base, records, bytes: Math.round((entry.bytes * records) / entry.records) }]
    })
}

function partitionOf(
  partition: number,
  found: readonly Entry[],
  { from, droppedTo }: { readonly from: number; readonly droppedTo: number },
): AckedPartition {
  const counted = found.filter(isCounted)
  const times = counted.map(({ at }) => at)
  const ofOutcome = (outcome: Transaction['outcome']) =>
    sumOf(found.filter(({ transaction }) => transaction?.outcome === outcome))
  const last = found.at(-1)
  return {
    partition,
    end: last === undefined ? from : last.base + last.records,
    records: sumOf(counted),
    bytes: counted.reduce((sum, { bytes }) => sum + bytes, 0),
    byLeader: sumOf(counted.filter(({ isByLeader }) => isByLeader)),
    aborted: ofOutcome('aborted'),
    open: ofOutcome('open'),
    firstAt: times.length === 0 ? null : Math.min(...times),
    lastAt: times.length === 0 ? null : Math.max(...times),
    isShort: droppedTo > from,
  }
}

function isCounted({ transaction }: Entry): boolean {
  return transaction === null || transaction.outcome === 'committed'
}

function sumOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { records }) => sum + records, 0)
}
