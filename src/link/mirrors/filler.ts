import { buildBatch } from '../../wire/batch/build.ts'
import type { RecordView } from '../../wire/batch/records.ts'
import { Codec } from '../../wire/compression/codec.ts'

/** Records of one filler batch: the cheapest measured size, 0.59 bytes an offset with zstd. */
export const FILLER_RECORDS_MAX = 100_000

const NOTHING = Buffer.from([1, 1, 0])

/**
 * Makes batches of empty records that only use up offsets, to bring an empty mirror to a start offset above 0.
 * Timestamp 0 makes the first real record roll the segment, so that the filler's bytes go with the next cleaning.
 */
export class FillerMaker {
  readonly #made = new Map<number, Buffer>()

  /** A fresh batch of `count` records; its header is still to be rewritten for the destination. */
  make(count: number): Buffer {
    let batch = this.#made.get(count)
    if (batch === undefined) {
      batch = buildBatch({ records: emptyRecords(count), codec: Codec.ZSTD })
      if (count === FILLER_RECORDS_MAX) this.#made.set(count, batch)
    }
    return Buffer.from(batch)
  }
}

function emptyRecords(count: number): RecordView[] {
  return Array.from({ length: count }, (_, offset) => ({
    offset,
    timestamp: 0,
    attributes: 0,
    key: null,
    value: null,
    headers: [],
    body: NOTHING,
  }))
}
