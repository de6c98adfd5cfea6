import { AbortedTransactions } from '../../client/records/aborted.ts'
import {
  type BatchHeader,
  codecOf,
  isControl,
  isLogAppendTime,
  isTransactional,
  iterateBatches,
  lastOffset,
} from '../../wire/batch/header.ts'
import type { Fetched } from '../port.ts'
import type { PieceQueue } from './piece.ts'
import { recutBatch } from './recut.ts'
import type { SourceEpochs } from './source-epochs.ts'

export type Decided = {
  /** Where the next fetch begins. */
  readonly position: number
  readonly recutBatches: number
}

/**
 * Turns what one Fetch answered into pieces for the destination, from `position` on:
 * a batch passes as it is, or becomes a gap (control, aborted), or is cut anew around its holes. The leader epochs of
 * all that was read are noted in `epochs`.
 * The answer must be read_committed, else undecided transactions would pass.
 * @throws KmcError for a batch that must not travel (bad CRC, old format): the partition stops there.
 */
export function decide(fetched: Fetched, position: number, queue: PieceQueue, epochs: SourceEpochs): Decided {
  const aborted = new AbortedTransactions(fetched.abortedTransactions)
  let recutBatches = 0
  const gapTo = (offset: number) => {
    if (offset <= position) return
    queue.pushGap(position, offset - position)
    position = offset
  }
  for (const { header, bytes } of iterateBatches(fetched.records ?? EMPTY)) {
    const end = lastOffset(header) + 1
    epochs.note(header.partitionLeaderEpoch, header.baseOffset, end)
    aborted.reach(end)
    // Also of a marker that is there already: what its producer wrote next is no part of that transaction.
    if (isControl(header)) aborted.forget(header.producerId)
    if (end <= position) continue
    gapTo(header.baseOffset)
    if (isControl(header)) gapTo(end)
    else if (header.recordCount === 0 || (isTransactional(header) && aborted.has(header.producerId))) {
      gapTo(end)
    } else if (passesAsIs(header, position)) {
      const { recordCount: count, baseTimestamp: timestamp } = header
      queue.pushBatch({ kind: 'batch', offset: position, count, bytes, timestamp })
      position = end
    } else {
      recutBatches++
      for (const piece of recutBatch(header, bytes, position)) {
        gapTo(piece.offset)
        queue.pushBatch(piece)
        position = piece.offset + piece.count
      }
      gapTo(end)
    }
  }
  return { position, recutBatches }
}

/** The broker takes a batch in place only when its offsets run 0..n-1; a LogAppendTime one would be refused. */
function passesAsIs(header: BatchHeader, position: number): boolean {
  return (
    header.baseOffset === position &&
    header.recordCount === header.lastOffsetDelta + 1 &&
    !isLogAppendTime(header) &&
    codecOf(header) <= 4
  )
}

const EMPTY = Buffer.alloc(0)
