import { isControl, readBatchHeader } from '../wire/batch/header.ts'
import { ErrorCode, errorOf } from '../wire/error-codes.ts'
import type { TailDifference } from './copier/tail.ts'
import { fault, linkError, nameOf } from './errors.ts'
import type { Fetched, ProducerState, RangeAnswer, TopicPartition } from './port.ts'
import type { Fault } from './status.ts'

/**
 * Faults that come with a story: which offsets, how many, who. Counts are of offsets; how many of them were records
 * cannot be known of what is gone.
 */

/** A batch of the link landed elsewhere than at the source's offset. */
export function diverged(
  at: TopicPartition,
  seen: { readonly expected: number; readonly actual: number },
): Fault {
  const text = `${nameOf(at)}: a batch that belongs at offset ${seen.expected} landed at ${seen.actual}`
  return fault('DIVERGED', text, { ...at, ...seen })
}

/** The same with who had written there, once that has been looked up; the link's own late request may be that. */
export function divergedBy(
  found: Fault,
  batch: Buffer,
  by: { readonly producers: readonly ProducerState[]; readonly own: ReadonlySet<number> },
): Fault {
  const writer = writerOf(batch, by.producers, by.own)
  const message = `${found.message}; ${offsetsText(writer.offset, writer.count)} there: ${writer.who}`
  return { ...found, message, evidence: { ...found.evidence, writer } }
}

/** The last batch of the mirror is not the link's. */
export function foreignWriter(at: TopicPartition, batch: Buffer, producers: readonly ProducerState[]): Fault {
  const writer = writerOf(batch, producers)
  const text = `${nameOf(at)}: ${offsetsText(writer.offset, writer.count)} of the mirror: ${writer.who}`
  return fault('FOREIGN_WRITER', text, { ...at, ...writer })
}

type Writer = {
  readonly offset: number
  readonly count: number
  readonly producerId: number
  readonly producerEpoch: number
  /** Of the newest record, milliseconds. */
  readonly timestamp: number
  readonly who: string
}

function writerOf(
  batch: Buffer,
  producers: readonly ProducerState[],
  own: ReadonlySet<number> = new Set(),
): Writer {
  const header = readBatchHeader(batch, 0)
  const { baseOffset: offset, lastOffsetDelta, producerId, producerEpoch, maxTimestamp } = header
  const what = isControl(header) ? 'a transaction marker' : 'written'
  const when = Number.isFinite(maxTimestamp) && maxTimestamp >= 0 ? `, at ${instant(maxTimestamp)}` : ''
  const known = producers.find((state) => state.producerId === producerId)
  const lately =
    known?.lastTimestamp === undefined ? '' : `, last seen there at ${instant(known.lastTimestamp)}`
  const whose = own.has(producerId) ? "the link's own, so that it came late" : "which is not the link's"
  const who =
    producerId < 0
      ? `${what} by a producer without an id (not idempotent)${when}`
      : `${what} by producer id ${producerId} (epoch ${producerEpoch}), ${whose}${when}${lately}`
  return { offset, count: lastOffsetDelta + 1, producerId, producerEpoch, timestamp: maxTimestamp, who }
}

function instant(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString()
}

/** `offset 7`, or `offsets 7 to 9 (3)`. */
export function offsetsText(first: number, count: number): string {
  return count === 1 ? `offset ${first}` : `offsets ${first} to ${first + count - 1} (${count})`
}

/** The source deleted what had not been copied: from `offset` to before `start`. */
export function retentionOvertook(
  names: { readonly at: TopicPartition; readonly source: TopicPartition },
  offset: number,
  { start, end }: Pick<RangeAnswer, 'start' | 'end'>,
): Fault {
  const lost = start - offset
  const which = offsetsText(offset, lost)
  const text = `${nameOf(names.source)}: ${which} were deleted at the source before they were copied`
  const seen = { offset, from: offset, to: start, lost, sourceStart: start, sourceEnd: end }
  return fault('RETENTION_OVERTOOK', text, { ...names.at, ...seen })
}

/** A topic that becomes a mirror holds what the other side never got. */
export function strandedRecords(
  at: TopicPartition & { readonly from: number; readonly to: number; readonly acknowledged?: number },
): Fault {
  const { from, to, acknowledged } = at
  const count = to - from
  const told = acknowledged === undefined ? '' : `; clients had been told of ${acknowledged} of the records`
  const text = `${nameOf(at)}: ${offsetsText(from, count)} were written here only, and never copied${told}`
  return fault('STRANDED_RECORDS', text, { ...at, count })
}

/** The source ends before the mirror does. */
export function sourceEndsEarlier(
  names: { readonly at: TopicPartition; readonly source: TopicPartition },
  offset: number,
  { start, end }: Pick<RangeAnswer, 'start' | 'end'>,
): Fault {
  const more = offset - end
  const only = `${offsetsText(end, more)} are on the mirror only`
  const text = `${nameOf(names.source)}: ${only}: the source ends at ${end}, the mirror at ${offset}`
  const seen = { offset, from: end, to: offset, more, sourceStart: start, sourceEnd: end }
  return fault('SOURCE_TRUNCATED', text, { ...names.at, ...seen })
}

/** The source's leader says that its log left the one that was copied (KIP-320): an unclean election, mostly. */
export function epochRegressed(
  names: { readonly at: TopicPartition; readonly source: TopicPartition },
  position: { readonly offset: number; readonly epoch: number },
  { epoch, endOffset }: NonNullable<Fetched['diverging']>,
): Fault {
  const { offset } = position
  const more = Math.max(0, offset - endOffset)
  const only = `${offsetsText(endOffset, more)} are on the mirror only`
  const epochs = `leader epoch ${epoch}; copied from epoch ${position.epoch}`
  const text = `${nameOf(names.source)}: ${only}: the source's log left there what was copied (${epochs})`
  const seen = { offset, from: endOffset, to: offset, more, copiedEpoch: position.epoch, sourceEpoch: epoch }
  return fault('SOURCE_TRUNCATED', text, { ...names.at, ...seen })
}

/**
 * Thrown where a comparison finds other records at the source than were copied from it; or, where the source is as it
 * was, something else on the mirror: markers of the link that were given up and came late, more than the gap is wide.
 */
export function tailDiffers({ offset, sourceEpoch, sameEpoch }: TailDifference): Error {
  if (sameEpoch) {
    const text = `the mirror does not have at offset ${offset} what the source has there`
    return linkError('DIVERGED', `${text}, and the source is as it was (leader epoch ${sourceEpoch})`, {
      context: { offset, sourceEpoch },
    })
  }
  const story = `it lost its tail and grew again (leader epoch ${sourceEpoch} now)`
  const text = `offset ${offset} of the source is not what was copied from there: ${story}`
  return linkError('SOURCE_TRUNCATED', text, { context: { offset, sourceEpoch } })
}

/**
 * The state to show while the destination cannot take records for a while, or null when the answer is none of that
 * kind. Nothing was written, or it is found by the recovery; the link tries again and again.
 */
export function waitingFor(at: TopicPartition, offset: number, errorCode: number): Fault | null {
  const { name } = errorOf(errorCode)
  const waits = `takes no records; the link waits at offset ${offset}`
  switch (errorCode) {
    case ErrorCode.NOT_ENOUGH_REPLICAS:
    case ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND: {
      const why = 'has fewer replicas in sync at the destination than its min.insync.replicas'
      const text = `${nameOf(at)} ${why} and ${waits} (${name})`
      return fault('DESTINATION_BELOW_MIN_INSYNC', text, { ...at, offset, error: name })
    }
    case ErrorCode.KAFKA_STORAGE_ERROR: {
      const why = 'lies on a disk of the destination that its broker cannot write to'
      const text = `${nameOf(at)} ${why} and ${waits} (${name})`
      return fault('DESTINATION_STORAGE', text, { ...at, offset, error: name })
    }
    default:
      return null
  }
}
