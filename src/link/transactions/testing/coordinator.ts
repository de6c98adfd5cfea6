import { ClientError, KafkaError } from '../../../client/errors.ts'
import { ErrorCode } from '../../../wire/error-codes.ts'
import type { PartitionAnswer, TopicPartition } from '../../port.ts'
import type { TransactionHolder, TransactionPort } from '../port.ts'

type Transaction = {
  readonly producerId: number
  epoch: number
  state: 'empty' | 'ongoing' | 'ending'
  readonly partitions: Set<number>
}

/** What happens to a request: the last three look alike to the one who sent it. */
export type Fate = 'answered' | 'never-arrived' | 'answer-lost' | 'arrives-late'

/**
 * Transaction coordinator and partition logs with the rules that were seen on brokers: markers come after the answer,
 * a take-over aborts what is open and waits for what is ending, an old epoch is refused, and a late request of a
 * current epoch is obeyed.
 */
export class ModelCoordinator {
  /** By partition: the sequence of a data record of the link's own producer id, or null for a marker. */
  readonly logs: (number | null)[][]
  /** Decides the fate of the next request, and how many turns things take. */
  readonly #fate: () => Fate
  readonly #turns: () => number
  readonly #transactions = new Map<string, Transaction>()

  constructor(partitions: number, fate: () => Fate, turns: () => number) {
    this.logs = Array.from({ length: partitions }, () => [])
    this.#fate = fate
    this.#turns = turns
  }

  readonly port: TransactionPort = {
    takeOver: (id) => this.#request(() => this.#takeOver(id)),
    add: (holder, partitions) => this.#request(() => this.#add(holder, partitions)),
    commit: (holder) => this.#request(() => this.#commit(holder)),
    ends: async (_node, partitions) => partitions.map((at) => this.#end(at)),
  }

  /** The link's data: one record of its producer id, refused unless its sequence is the next (KIP-98). */
  async produce(partition: number, sequence: number): Promise<number | 'refused'> {
    await this.#rest()
    const log = this.logs[partition]!
    if (sequence !== this.nextSequence(partition)) return 'refused'
    return log.push(sequence) - 1
  }

  nextSequence(partition: number): number {
    return (this.logs[partition]!.findLast((entry) => entry !== null) ?? -1) + 1
  }

  #end({ topic, partition }: TopicPartition): PartitionAnswer & { offset: number } {
    return { topic, partition, errorCode: 0, offset: this.logs[partition]!.length }
  }

  async #request<T>(obey: () => Promise<T>): Promise<T> {
    const fate = this.#fate()
    await this.#rest()
    if (fate === 'answered') return obey()
    if (fate === 'answer-lost') await obey().catch(() => {})
    if (fate === 'arrives-late') void this.#rest().then(() => obey().catch(() => {}))
    throw new ClientError('CONNECTION_LOST', 'the connection was lost')
  }

  async #takeOver(transactionalId: string): Promise<TransactionHolder> {
    const known = this.#transactions.get(transactionalId)
    const producerId = 100 + this.#transactions.size
    const taken = known ?? { producerId, epoch: -1, state: 'empty', partitions: new Set() }
    this.#transactions.set(transactionalId, taken)
    taken.epoch++
    const { epoch } = taken
    if (taken.state === 'ongoing') void this.#endTransaction(taken)
    while (taken.state === 'ending') await this.#rest()
    if (epoch !== taken.epoch) throw new KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS, 'model')
    return { transactionalId, producerId: taken.producerId, producerEpoch: epoch }
  }

  async #add(holder: TransactionHolder, partitions: readonly TopicPartition[]): Promise<void> {
    const held = await this.#held(holder)
    held.state = 'ongoing'
    for (const { partition } of partitions) held.partitions.add(partition)
  }

  async #commit(holder: TransactionHolder): Promise<void> {
    const held = await this.#held(holder)
    if (held.state !== 'ongoing') throw new KafkaError(ErrorCode.INVALID_TXN_STATE, 'model')
    void this.#endTransaction(held)
  }

  /** Waits as a client does that is told CONCURRENT_TRANSACTIONS. */
  async #held({ transactionalId, producerEpoch }: TransactionHolder): Promise<Transaction> {
    for (;;) {
      const held = this.#transactions.get(transactionalId)!
      if (held.epoch !== producerEpoch) throw new KafkaError(ErrorCode.PRODUCER_FENCED, 'model')
      if (held.state !== 'ending') return held
      await this.#rest()
    }
  }

  /** Markers land one by one, each in its own time. */
  async #endTransaction(transaction: Transaction): Promise<void> {
    transaction.state = 'ending'
    for (const partition of transaction.partitions) {
      await this.#rest()
      this.logs[partition]!.push(null)
    }
    transaction.partitions.clear()
    transaction.state = 'empty'
  }

  async #rest(): Promise<void> {
    for (let turn = this.#turns(); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve))
  }
}
