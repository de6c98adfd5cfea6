import { crc32c } from '../crc32c.ts'
import { wireError } from '../errors.ts'
import { int64, int64Nearest } from '../int64.ts'
import { AT, ATTRIBUTE, MAGIC, UNCOUNTED_BYTES } from './layout.ts'

export { rewriteBatchHeader } from './rewrite.ts'

/**
 * The header of a record batch of format 2 (KIP-98). Timestamps are milliseconds and, beyond 2^53, rounded: a
 * topic may hold nonsense there, and passing a batch on needs none of it.
 */
export type BatchHeader = {
  readonly baseOffset: number
  /** Of the whole batch, from its base offset to its last record. */
  readonly sizeBytes: number
  readonly partitionLeaderEpoch: number
  readonly magic: number
  readonly crc: number
  readonly attributes: number
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  /** How many records there are; fewer than offsets where a cleaner has been. */
  readonly recordCount: number
}

/** One batch of several: its header and exactly its bytes, as a view. */
export type Batch = { readonly header: BatchHeader; readonly bytes: Buffer }

/**
 * Reads the header at `at`, without looking at records or CRC. Throws BATCH_TRUNCATED when not even the header
 * is there, BATCH_UNSUPPORTED_MAGIC for formats 0, 1 and unknown ones, BATCH_MALFORMED, WIRE_INT64_UNSAFE.
 */
export function readBatchHeader(bytes: Buffer, at: number): BatchHeader {
  if (at + AT.records > bytes.length) {
    throw wireError(
      'BATCH_TRUNCATED',
      `batch header at byte ${at}: ${bytes.length - at} of ${AT.records} bytes`,
    )
  }
  const magic = bytes.readInt8(at + AT.magic)
  if (magic !== MAGIC) throw unsupportedMagic(bytes, at, magic)
  const sizeBytes = bytes.readInt32BE(at + AT.batchLength) + UNCOUNTED_BYTES
  const lastOffsetDelta = bytes.readInt32BE(at + AT.lastOffsetDelta)
  const recordCount = bytes.readInt32BE(at + AT.recordCount)
  if (sizeBytes < AT.records || lastOffsetDelta < 0 || recordCount < 0) {
    const facts = `size ${sizeBytes}, last offset delta ${lastOffsetDelta}, ${recordCount} records`
    throw wireError('BATCH_MALFORMED', `batch header at byte ${at}: ${facts}`)
  }
  return {
    baseOffset: int64(bytes, at + AT.baseOffset, 'base offset'),
    sizeBytes,
    partitionLeaderEpoch: bytes.readInt32BE(at + AT.partitionLeaderEpoch),
    magic,
    crc: bytes.readUInt32BE(at + AT.crc),
    attributes: bytes.readInt16BE(at + AT.attributes),
    lastOffsetDelta,
    baseTimestamp: int64Nearest(bytes, at + AT.baseTimestamp),
    maxTimestamp: int64Nearest(bytes, at + AT.maxTimestamp),
    producerId: int64(bytes, at + AT.producerId, 'producer id'),
    producerEpoch: bytes.readInt16BE(at + AT.producerEpoch),
    baseSequence: bytes.readInt32BE(at + AT.baseSequence),
    recordCount,
  }
}

/**
 * The batches of a Fetch answer or a log file, in order. An incomplete one at the end is left out: Fetch may
 * cut there. Errors as of readBatchHeader; what came before the bad batch has been yielded by then.
 */
export function* iterateBatches(bytes: Buffer): Generator<Batch, void, undefined> {
  let at = 0
  while (at + AT.magic < bytes.length) {
    const magic = bytes.readInt8(at + AT.magic)
    if (magic !== MAGIC) throw unsupportedMagic(bytes, at, magic)
    if (at + AT.records > bytes.length) return
    const header = readBatchHeader(bytes, at)
    const end = at + header.sizeBytes
    if (end > bytes.length) return
    yield { header, bytes: bytes.subarray(at, end) }
    at = end
  }
}

/** Whether the stored CRC-32C is that of the bytes from the attributes on. `batch` is exactly one batch. */
export function verifyCrc(batch: Buffer): boolean {
  if (batch.length < AT.records) return false
  return crc32c(batch.subarray(AT.attributes)) === batch.readUInt32BE(AT.crc)
}

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 mean nothing yet. */
export function codecOf(header: BatchHeader): number {
  return header.attributes & ATTRIBUTE.codec
}

/** Control batches hold transaction markers and the like; consumers never see them. */
export function isControl(header: BatchHeader): boolean {
  return (header.attributes & ATTRIBUTE.control) !== 0
}

export function isTransactional(header: BatchHeader): boolean {
  return (header.attributes & ATTRIBUTE.transactional) !== 0
}

/** Whether every record's timestamp is the broker's append time (`maxTimestamp`). */
export function isLogAppendTime(header: BatchHeader): boolean {
  return (header.attributes & ATTRIBUTE.logAppendTime) !== 0
}

/** The offset of the last record the batch once had. */
export function lastOffset(header: BatchHeader): number {
  return header.baseOffset + header.lastOffsetDelta
}

function unsupportedMagic(bytes: Buffer, at: number, magic: number): Error {
  const offset = bytes.readBigInt64BE(at + AT.baseOffset)
  return wireError(
    'BATCH_UNSUPPORTED_MAGIC',
    `batch at byte ${at} (offset ${offset}) has format ${magic}, not 2`,
  )
}
