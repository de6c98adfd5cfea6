import type { PartitionAnswer, TopicPartition } from '../port.ts'

/** Who holds a transactional id: a later holder's higher epoch shuts this one out at the coordinator (KIP-98). */
export type TransactionHolder = {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
}

/** What filling gaps by empty transactions asks of the destination. Rejections: KafkaError for an answer's code. */
export type TransactionPort = {
  /**
   * Takes the id over. Resolves when the transactions of former holders are ended, their markers in the logs: from
   * then on nothing of theirs can land any more.
   */
  takeOver(transactionalId: string): Promise<TransactionHolder>
  /** Begins a transaction over these partitions: all or none. A request whose answer is lost is not sent again. */
  add(holder: TransactionHolder, partitions: readonly TopicPartition[]): Promise<void>
  /** Commits it. The markers, one offset a partition, land some time after the answer. Not sent again either. */
  commit(holder: TransactionHolder): Promise<void>
  /** The next offset of each log. */
  ends(
    node: number,
    partitions: readonly TopicPartition[],
  ): Promise<readonly (PartitionAnswer & { readonly offset: number })[]>
}
