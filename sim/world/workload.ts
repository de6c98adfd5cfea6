import { buildBatch } from '../../src/wire/batch/build.ts'
import type { Random } from '../engine/random.ts'
import { clean } from '../model/cleaner.ts'
import type { ClusterModel, PartitionModel } from '../model/cluster.ts'
import type { Options } from '../plan.ts'

const DAY_MS = 86_400_000
const WRITER = { by: 'application', sentAt: 0, zombie: false }

type Transaction = { readonly at: PartitionModel; readonly producerId: number; sequence: number }

/** The applications at the source: they write, commit, abort, and the broker cleans up behind them. */
export class Workload {
  readonly #cluster: ClusterModel
  readonly #options: Options
  readonly #random: Random
  readonly #open: Transaction[] = []
  readonly #topicsWithAppendTime = new Set<string>()
  #producers = 100
  #values = 0
  #running = false

  constructor(cluster: ClusterModel, options: Options, random: Random) {
    this.#cluster = cluster
    this.#options = options
    this.#random = random
    for (const { name } of cluster.topics.values()) {
      if (random.chance(options.appendTime)) this.#topicsWithAppendTime.add(name)
    }
  }

  start(): void {
    this.#running = true
    this.#next()
  }
  /** No more acts; what is open is decided. */
  stop(): void {
    this.#running = false
    for (const transaction of this.#open.splice(0)) this.#decide(transaction)
  }

  /** Records that are there before a link is. */
  backlog(): void {
    for (const at of this.#cluster.partitions()) {
      while (at.log.end < this.#options.backlog) this.#act(at)
      if (this.#random.chance(this.#options.deletedBefore)) {
        at.log.deleteTo(this.#random.below(at.log.stable + 1))
      }
    }
  }

  /** One more plain batch for every partition, so that whatever is wrong with a mirror meets a write. */
  nudge(): void {
    for (const at of this.#cluster.partitions()) {
      this.#append(at, {})
      this.#cluster.changed(at)
    }
  }

  /** The log lost its tail: transactions that began there never were. */
  forgotten(at: PartitionModel): void {
    for (const transaction of this.#open.filter((transaction) => transaction.at === at)) {
      this.#open.splice(this.#open.indexOf(transaction), 1)
    }
    for (const { producerId, transactionStart } of [...at.log.producers.values()]) {
      // One whose marker was lost hangs until an operator ends it, here as it had ended before.
      if (transactionStart === null) continue
      const commit = at.truth.reopened(producerId, transactionStart)
      this.#end(at, { producerId, from: transactionStart, commit })
    }
  }

  #next(): void {
    const pauseMs = this.#random.unit() * this.#options.paceMs * 2
    this.#cluster.events.after(pauseMs, () => {
      if (!this.#running) return
      const all = [...this.#cluster.partitions()]
      if (all.length > 0) this.#act(this.#random.pick(all))
      this.#next()
    })
  }

  #act(at: PartitionModel): void {
    const { transactions, compaction, retention } = this.#options
    if (this.#random.chance(compaction)) clean(at, this.#random)
    if (this.#random.chance(retention)) this.#retain(at)
    const open = this.#open.filter((transaction) => transaction.at === at)
    if (open.length > 0 && this.#random.chance(0.5)) {
      const transaction = this.#random.pick(open)
      if (this.#random.chance(0.6)) this.#decide(transaction)
      else this.#append(at, transaction)
    } else if (this.#random.chance(transactions)) this.#append(at, this.#begin(at))
    else this.#append(at, {})
    this.#cluster.changed(at)
  }

  /** Retention that takes only what every mirror has had time to copy is no loss; more is a fault of its own. */
  #retain(at: PartitionModel): void {
    const { log } = at
    if (at.topic.configs['cleanup.policy'] === 'compact') return
    const limit = Math.min(log.stable, this.#safeEnd(at))
    if (limit > log.start) log.deleteTo(log.start + this.#random.below(limit - log.start + 1))
  }

  /** Up to where the mirror has the partition; set by the world. */
  #safeEnd: (at: PartitionModel) => number = () => 0
  retainBelow(safeEnd: (at: PartitionModel) => number): void {
    this.#safeEnd = safeEnd
  }

  #begin(at: PartitionModel): Transaction {
    const transaction = { at, producerId: ++this.#producers, sequence: 0 }
    this.#open.push(transaction)
    return transaction
  }

  #decide(transaction: Transaction): void {
    const { at, producerId } = transaction
    const index = this.#open.indexOf(transaction)
    if (index >= 0) this.#open.splice(index, 1)
    const entry = at.log.producers.get(producerId)
    if (this.#cluster.topics.get(at.topic.name) !== at.topic || entry?.transactionStart == null) return
    const commit = !this.#random.chance(this.#options.aborts)
    this.#end(at, { producerId, from: entry.transactionStart, commit })
  }

  #end(
    at: PartitionModel,
    { producerId, from, commit }: { producerId: number; from: number; commit: boolean },
  ): void {
    const marker = {
      producerId,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      commit,
      timestamp: this.#cluster.now(),
    }
    this.#cluster.mark(at, marker, WRITER, () => {})
    at.truth.decided(producerId, from, at.log.end - 1, commit)
    this.#cluster.changed(at)
  }

  #append(at: PartitionModel, { producerId, sequence }: { producerId?: number; sequence?: number }): void {
    const bytes = this.#batch(at, producerId, sequence)
    this.#cluster.append(at, bytes, WRITER, () => {})
    const stored = at.log.entries.at(-1)!
    at.truth.wrote(stored, producerId !== undefined)
    const open = this.#open.find((transaction) => transaction.producerId === producerId)
    if (open !== undefined) open.sequence += stored.header.recordCount
  }

  #batch(at: PartitionModel, producerId: number | undefined, baseSequence: number | undefined): Buffer {
    const { oldRecords, compressed } = this.#options
    const ageMs = this.#random.chance(oldRecords) ? 3 * DAY_MS : 0
    const timestamp = this.#cluster.now() - ageMs
    const records = Array.from({ length: this.#random.between(1, 4) }, (_, index) => ({
      timestamp: timestamp + index,
      key: this.#random.chance(0.5) ? null : Buffer.from('k'),
      value: Buffer.from(`${at.topic.id}/${at.partition}/${++this.#values}`),
    }))
    return buildBatch({
      records,
      codec: this.#random.chance(compressed) ? this.#random.pick([1, 2, 3, 4]) : 0,
      timestampType: this.#topicsWithAppendTime.has(at.topic.name) ? 'LogAppendTime' : 'CreateTime',
      ...(producerId !== undefined && {
        producerId,
        producerEpoch: 0,
        baseSequence: baseSequence ?? 0,
        transactional: true,
      }),
    })
  }
}
