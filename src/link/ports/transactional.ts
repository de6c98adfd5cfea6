import { type Clock, systemClock } from '../../base/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import { initProducerId } from '../../client/producer-id.ts'
import { addPartitionsToTransaction, endTransaction } from '../../client/transaction.ts'
import type { MarkerItem, MarkerWriter, OffsetAnswer, PartitionAnswer, TopicPartition } from '../port.ts'
import { GapTransactions } from '../transactions/gap-transactions.ts'
import type { TransactionHolder, TransactionPort } from '../transactions/port.ts'
import { DestinationAdapter } from './destination.ts'
import { LOOK_UP_MS } from './ranges.ts'

const LIMITS = { timeoutMs: LOOK_UP_MS }
const SENT_ONCE = { ...LIMITS, resendLost: false }

/** Takes a transactional id over, as `TransactionPort` says. */
export async function takeOver(cluster: Cluster, transactionalId: string): Promise<TransactionHolder> {
  return { transactionalId, ...(await initProducerId(cluster, { transactionalId, ...LIMITS })) }
}

export type TransactionalOptions = {
  readonly link: string
  readonly isOurs: () => Promise<boolean>
  /** Known producer ids of the link's transactional ids, to which `note` adds. */
  readonly gapWriters: ReadonlySet<number>
  readonly note: (producerIds: readonly number[]) => Promise<void>
  readonly clock?: Clock
}

/** A real cluster as destination of a link that may not write markers: empty transactions fill its gaps. */
export class TransactionalDestination extends DestinationAdapter {
  /** A request takes about a second then, so that a link that is stopped or shared anew does not wait for long. */
  readonly markersMax = 128
  readonly #gaps: GapTransactions

  constructor(cluster: Cluster, options: TransactionalOptions) {
    const { link, isOurs, note, gapWriters, clock = systemClock } = options
    super(cluster, gapWriters)
    const port: TransactionPort = {
      takeOver: (id) => takeOver(cluster, id),
      add: (holder, partitions) => addPartitionsToTransaction(cluster, holder, partitions, SENT_ONCE),
      commit: (holder) => endTransaction(cluster, holder, true, SENT_ONCE),
      ends: (node, partitions) => this.visibleEnds(node, partitions),
    }
    this.#gaps = new GapTransactions({ link, port, isOurs, note, clock })
  }

  override writeMarkers(
    node: number,
    _writer: MarkerWriter,
    items: readonly MarkerItem[],
  ): Promise<readonly PartitionAnswer[]> {
    return this.#gaps.fill(node, items)
  }

  /** An end counts only once nothing of a former holder can land after it was read. */
  override async ends(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]> {
    const codes = await this.#gaps.settle(partitions)
    const answers = await super.ends(node, partitions)
    return answers.map((answer, index) => ({ ...answer, errorCode: answer.errorCode || codes[index]! }))
  }

  override async create(topic: Parameters<DestinationAdapter['create']>[0]): Promise<void> {
    await this.#gaps.settleAll()
    await super.create(topic)
  }
}
