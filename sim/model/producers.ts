import type { BatchHeader } from '../../src/wire/batch/header.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'

type Written = { readonly firstSequence: number; readonly lastSequence: number; readonly baseOffset: number }

/** What a leader remembers of one producer id (Kafka's ProducerStateEntry). Never changed, only replaced. */
export type ProducerEntry = {
  readonly producerId: number
  readonly epoch: number
  /** The last five batches, oldest first. */
  readonly batches: readonly Written[]
  readonly coordinatorEpoch: number
  readonly lastTimestamp: number
  /** Where its open transaction begins; null when none is open. */
  readonly transactionStart: number | null
}

const REMEMBERED_BATCHES = 5
const SEQUENCES = 2 ** 31

export function lastSequenceOf(entry: ProducerEntry): number {
  return entry.batches.at(-1)?.lastSequence ?? -1
}

export type Verdict =
  | { readonly kind: 'append'; readonly guarded: boolean }
  | { readonly kind: 'duplicate'; readonly baseOffset: number }
  | { readonly kind: 'refused'; readonly errorCode: number }

/**
 * Whether a batch may be appended (ProducerAppendInfo.checkSequence, ProducerStateEntry.findDuplicateBatch). A
 * duplicate is known by its sequence alone: its content is not compared. Without an entry any sequence will do.
 */
export function judgeBatch(entry: ProducerEntry | undefined, batch: BatchHeader): Verdict {
  if (batch.producerId < 0 || entry === undefined) return { kind: 'append', guarded: false }
  const { producerEpoch, baseSequence } = batch
  if (producerEpoch < entry.epoch) return refused(ErrorCode.INVALID_PRODUCER_EPOCH)
  if (producerEpoch > entry.epoch) {
    return baseSequence === 0
      ? { kind: 'append', guarded: false }
      : refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  }
  const last = sequenceOfLast(batch)
  const known = entry.batches.find(
    (written) => written.firstSequence === baseSequence && written.lastSequence === last,
  )
  if (known !== undefined) return { kind: 'duplicate', baseOffset: known.baseOffset }
  const inOrder = baseSequence === (lastSequenceOf(entry) + 1) % SEQUENCES
  return inOrder ? { kind: 'append', guarded: true } : refused(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
}

function refused(errorCode: number): Verdict {
  return { kind: 'refused', errorCode }
}

function sequenceOfLast({ baseSequence, lastOffsetDelta }: BatchHeader): number {
  return (baseSequence + lastOffsetDelta) % SEQUENCES
}

/** The entry after a batch was appended at `baseOffset`. */
export function withBatch(
  entry: ProducerEntry | undefined,
  batch: BatchHeader,
  baseOffset: number,
  isTransactional: boolean,
): ProducerEntry {
  const same = entry !== undefined && entry.epoch === batch.producerEpoch
  const written = {
    firstSequence: batch.baseSequence,
    lastSequence: sequenceOfLast(batch),
    baseOffset,
  }
  return {
    producerId: batch.producerId,
    epoch: batch.producerEpoch,
    batches: [...(same ? entry.batches : []), written].slice(-REMEMBERED_BATCHES),
    coordinatorEpoch: entry?.coordinatorEpoch ?? -1,
    lastTimestamp: batch.maxTimestamp,
    transactionStart: isTransactional
      ? (entry?.transactionStart ?? baseOffset)
      : (entry?.transactionStart ?? null),
  }
}

export type Marker = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly coordinatorEpoch: number
  readonly commit: boolean
  readonly timestamp: number
}

/** The error of a marker that may not be appended, or 0 (ProducerAppendInfo.appendEndTxnMarker). */
export function judgeMarker(entry: ProducerEntry | undefined, marker: Marker): number {
  if (entry === undefined) return ErrorCode.NONE
  if (marker.producerEpoch < entry.epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
  if (marker.coordinatorEpoch < entry.coordinatorEpoch) return ErrorCode.TRANSACTION_COORDINATOR_FENCED
  return ErrorCode.NONE
}

export function withMarker(entry: ProducerEntry | undefined, marker: Marker): ProducerEntry {
  const same = entry !== undefined && entry.epoch === marker.producerEpoch
  return {
    producerId: marker.producerId,
    epoch: marker.producerEpoch,
    batches: same ? entry.batches : [],
    coordinatorEpoch: marker.coordinatorEpoch,
    lastTimestamp: marker.timestamp,
    transactionStart: null,
  }
}
