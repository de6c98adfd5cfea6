import { KmcError } from '../../base/error.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import {
  type Batch,
  type BatchHeader,
  codecOf,
  isControl,
  isTransactional,
  readBatchHeader,
} from '../../wire/batch/header.ts'
import { type RecordView, readRecords } from '../../wire/batch/records.ts'

/** What a link makes one of is far below it; of a larger batch it is not known what it holds. */
const UNPACKED_BYTES_MAX = 4 * 1024 * 1024

/**
 * Where the records of a batch may stand that was sent. `offset`: they do, at this one. `maybe`: as many records of
 * those times stand there; which ones they are a checksum over compressed bytes does not tell.
 */
export type Held = { readonly offset: number } | 'maybe' | null

/**
 * Whether a batch holds all records of one of which only the head is known. A link makes one batch of many small ones,
 * and a broker compresses anew where its topic says so: records keep their offsets, times and content, so the batch as
 * it was sent can be made of them again, and must have its checksum. Pure.
 */
export function heldWithin(head: Buffer, { header, bytes }: Batch): Held {
  const sent = readBatchHeader(head, 0)
  const { recordCount } = sent
  if (recordCount === 0 || isControl(header)) return null
  if (header.recordCount < recordCount || header.maxTimestamp < sent.maxTimestamp) return null
  const records = recordsOf(bytes)
  if (records === null) return 'maybe'
  let isLike = false
  for (let first = 0; first + recordCount <= records.length; first++) {
    const some = records.slice(first, first + recordCount)
    if (!hasTimesOf(sent, some)) continue
    if (codecOf(sent) !== 0) isLike = true
    else if (isSame(sent, some)) return { offset: some[0]!.offset }
  }
  return isLike ? 'maybe' : null
}

function recordsOf(bytes: Buffer): RecordView[] | null {
  try {
    return [...readRecords(bytes, { maxBytes: UNPACKED_BYTES_MAX })]
  } catch (error) {
    if (error instanceof KmcError) return null
    throw error
  }
}

function hasTimesOf(sent: BatchHeader, records: readonly RecordView[]): boolean {
  if (records[0]!.timestamp !== sent.baseTimestamp) return false
  return records.reduce((most, { timestamp }) => Math.max(most, timestamp), 0) === sent.maxTimestamp
}

/** What the checksum is over begins with the attributes, behind which the head says who sent it. */
function isSame(sent: BatchHeader, records: readonly RecordView[]): boolean {
  const { producerId, producerEpoch, baseSequence } = sent
  const [{ offset: baseOffset }] = records as [RecordView]
  const made = buildBatch({
    ...{ records, baseOffset, producerId, producerEpoch, baseSequence },
    transactional: isTransactional(sent),
  })
  return readBatchHeader(made, 0).crc === sent.crc && made.length === sent.sizeBytes
}
