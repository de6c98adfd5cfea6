/**
 * What a link asks of the two clusters: the seam between its rules and the sockets. `ports/` answers with
 * real clusters, a simulation with a model. Offsets are record offsets, `node` is a broker id. Answers come in the
 * order of what was asked; a failed request as a whole is a rejection.
 */

export type TopicPartition = { readonly topic: string; readonly partition: number }

export type FetchItem = TopicPartition & {
  readonly offset: number
  readonly maxBytes: number
  /** Leader epoch of what was read before `offset`, so that a log that was cut and grew again shows; -1 unknown. */
  readonly lastEpoch?: number
}

export type FetchAsk = {
  readonly maxWaitMs: number
  readonly maxBytes: number
  /** False where all there is fits the answer: then the broker may fill it in any order, and costs less. */
  readonly inOrder?: boolean
}

/**
 * One partition's part of a Fetch answer, read_committed (KIP-98): `records` may end in an incomplete batch. Offsets
 * are -1 where the broker holds the reader back and tells nothing.
 */
export type Fetched = TopicPartition & {
  readonly errorCode: number
  readonly logStartOffset: number
  readonly lastStableOffset: number
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[]
  /** The source's log has gone another way: what it has of that epoch ends at `endOffset` (KIP-320, KIP-595). */
  readonly diverging?: { readonly epoch: number; readonly endOffset: number } | null
  readonly records: Buffer | null
}

export type ProduceItem = TopicPartition & { readonly batch: Buffer }
export type Produced = TopicPartition & {
  readonly errorCode: number
  readonly baseOffset: number
  readonly message: string | null
}

/** Whose markers they are. `generation` travels as coordinatorEpoch: a lower one than the last is refused (52). */
export type MarkerWriter = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly generation: number
}
/** `offset`: where the gap begins, which is where the log ends before. */
export type MarkerItem = TopicPartition & {
  readonly offset: number
  readonly count: number
  /** Of the writer in this partition; left out: as the writer says. A lower one than the last is refused (47). */
  readonly producerEpoch?: number
}
export type PartitionAnswer = TopicPartition & { readonly errorCode: number }

export type RangeAnswer = PartitionAnswer & { readonly start: number; readonly end: number }
export type OffsetAnswer = PartitionAnswer & { readonly offset: number }

/** What the partition's leader remembers of one producer id (DescribeProducers, KIP-664). */
export type ProducerState = {
  readonly producerId: number
  readonly producerEpoch: number
  /** -1 when it wrote only markers since the state was made. */
  readonly lastSequence: number
  readonly coordinatorEpoch: number
  /** Of the newest record that it wrote, milliseconds. */
  readonly lastTimestamp?: number
}
export type TailAnswer = PartitionAnswer & {
  /** Exactly the batch that holds the offset asked for; null when the log has none such (any more). */
  readonly batch: Buffer | null
}
export type ProducersAnswer = PartitionAnswer & { readonly producers: readonly ProducerState[] }

type Common = {
  /** The broker that leads the partition as far as is known; null when nobody does. */
  leaderOf(at: TopicPartition): number | null
  /** Asks the cluster again who leads what. */
  refresh(): Promise<void>
}

/** The memory that fetched records lie in: used again once nobody holds a part of it any more. */
export type RecordsMemory = {
  hold(part: Buffer): void
  release(part: Buffer): void
}

/** Memory that the garbage collector alone looks after. */
export const plainMemory: RecordsMemory = { hold() {}, release() {} }

export type SourcePort = Common & {
  /** Of `Fetched.records`; who fetched holds the answer as a whole until its release. */
  readonly memory: RecordsMemory
  /** From now on the topic of this id is read, and not one that was made again under its name (KIP-516). */
  pin(topic: string, id: string): void
  fetch(node: number, items: readonly FetchItem[], ask: FetchAsk): Promise<readonly Fetched[]>
  /** Log start and last stable offset of each partition. */
  ranges(node: number, partitions: readonly TopicPartition[]): Promise<readonly RangeAnswer[]>
}

export type DestinationPort = Common & {
  /** Appends one batch a partition. `lane` picks one of several connections to the broker; order holds within it. */
  produce(node: number, lane: number, items: readonly ProduceItem[]): Promise<readonly Produced[]>
  /** Producer ids that fill gaps of this link besides its own: what they wrote last is not a foreign writer's. */
  readonly gapWriters?: ReadonlySet<number>
  /** Offsets of one partition that one `writeMarkers` may be asked for; absent: as many as the link likes. */
  readonly markersMax?: number
  /** Writes `count` COMMIT markers to each partition: each takes one offset and no reader sees it. */
  writeMarkers(
    node: number,
    writer: MarkerWriter,
    items: readonly MarkerItem[],
  ): Promise<readonly PartitionAnswer[]>
  /**
   * The next offset of each log, uncommitted data included; an error for a log of which a part is not replicated yet,
   * since that part may stay or go.
   */
  ends(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]>
  /** Where readers see each log end (its high watermark). */
  visibleEnds(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]>
  producers(node: number, partitions: readonly TopicPartition[]): Promise<readonly ProducersAnswer[]>
  /** The batch at `offset` of each log, uncommitted data included: who wrote it, and what. */
  tails(
    node: number,
    items: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly TailAnswer[]>
  /** Moves log starts up (DeleteRecords, KIP-107); `offset` must not lie above the high watermark. */
  deleteRecords(
    node: number,
    items: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly PartitionAnswer[]>
}
