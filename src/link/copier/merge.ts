import { KmcError } from '../../base/error.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import { codecOf, readBatchHeader, verifyCrc } from '../../wire/batch/header.ts'
import { type RecordView, readRecords } from '../../wire/batch/records.ts'
import type { BatchPiece, PieceQueue } from './piece.ts'

/**
 * When small batches are merged. A destination takes one batch of a partition a request, and pays for each, so a
 * backlog of tiny ones is bound by their number (figures in DESIGN.md, "Speed"). One merge takes about a millisecond.
 */
export const merging = {
  /** Fewer waiting batches are sent as they are: such a partition is in step, or nearly. */
  waitingMin: 16,
  /** At 2.4 KiB merging doubles the rate; the larger a batch, the less its number matters. */
  smallBytesMax: 8 * 1024,
  /** Of the batches that become one, far below any max.message.bytes. */
  mergedBytesMax: 128 * 1024,
  mergedCountMax: 1_000,
  unpackedBytesMax: 1024 * 1024,
}

/** Batches that became one, and how many they were. */
export type Merged = { readonly piece: BatchPiece; readonly count: number }

/**
 * The first waiting batches as one, where enough small ones of one codec wait one after another; null where not. A gap
 * ends the run, so no offset is passed over. Records keep offset, timestamp, key, value and headers. They stay in the
 * queue: the caller takes away as many as were merged. A damaged batch is never opened, so that it goes alone and the
 * destination refuses it.
 */
export function mergeWaiting(queue: PieceQueue): Merged | null {
  if (queue.length < merging.waitingMin) return null
  const run = smallOnes(queue)
  if (run.length < merging.waitingMin) return null
  try {
    const limits = { maxBytes: merging.unpackedBytesMax }
    const records: RecordView[] = []
    for (const { bytes } of run) for (const record of readRecords(bytes, limits)) records.push(record)
    const codec = codecOf(readBatchHeader(run[0]!.bytes, 0))
    const [first] = run
    const count = records.length
    const piece = { ...first!, count, bytes: buildBatch({ records, codec }) }
    return { piece, count: run.length }
  } catch (error) {
    // What cannot be read goes as it is: the destination will say what is wrong with it.
    if (error instanceof KmcError) return null
    throw error
  }
}

function smallOnes(queue: PieceQueue): BatchPiece[] {
  const run: BatchPiece[] = []
  let bytes = 0
  let codec: number | null = null
  for (let index = 0; index < merging.mergedCountMax; index++) {
    const piece = queue.at(index)
    if (piece?.kind !== 'batch' || piece.bytes.length > merging.smallBytesMax) break
    bytes += piece.bytes.length
    if (bytes > merging.mergedBytesMax) break
    const own = codecOf(readBatchHeader(piece.bytes, 0))
    codec ??= own
    if (own !== codec || !verifyCrc(piece.bytes)) break
    run.push(piece)
  }
  return run
}
