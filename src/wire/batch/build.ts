import { Codec, compress } from '../compression/codec.ts'
import { crc32c } from '../crc32c.ts'
import { wireError } from '../errors.ts'
import { putInt64 } from '../int64.ts'
import { putZigzag, zigzagSize } from '../varint.ts'
import { bodySize, putBody } from './body.ts'
import { AT, ATTRIBUTE, MAGIC, UNCOUNTED_BYTES } from './layout.ts'
import type { RecordInput } from './record.ts'

export type { RecordInput } from './record.ts'

export type BatchInput = {
  /** At least one; offsets ascending. Records without offsets are numbered from the base offset on. */
  readonly records: readonly RecordInput[]
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; none when left out. */
  readonly codec?: number
  /** The first record's offset, or 0, when left out. */
  readonly baseOffset?: number
  readonly partitionLeaderEpoch?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly timestampType?: 'CreateTime' | 'LogAppendTime'
  readonly transactional?: boolean
  readonly control?: boolean
}

/** The largest batch built here; Kafka's length field would take 2 GiB. */
const BATCH_BYTES_MAX = 256 * 1024 * 1024

/**
 * Writes a record batch of format 2 with a correct CRC.
 * Errors: BATCH_MALFORMED, BATCH_TOO_LARGE, WIRE_VALUE_OUT_OF_RANGE.
 */
export function buildBatch(input: BatchInput): Buffer {
  const { records } = input
  const first = records[0]
  if (first === undefined) throw wireError('BATCH_MALFORMED', 'a batch needs at least one record')
  const baseOffset = input.baseOffset ?? first.offset ?? 0
  const codec = input.codec ?? Codec.NONE
  const plain = encodeRecords(records, baseOffset, first.timestamp, codec === Codec.NONE ? AT.records : 0)
  const batch =
    codec === Codec.NONE ? plain : Buffer.concat([Buffer.alloc(AT.records), compress(codec, plain)])
  batch.writeInt32BE(deltaOf(records, records.length - 1, baseOffset), AT.lastOffsetDelta)
  writeHeader(batch, input, baseOffset, codec)
  return batch
}

/** Encodes the records into a fresh buffer, leaving `headroom` bytes free before them. */
function encodeRecords(
  records: readonly RecordInput[],
  baseOffset: number,
  baseTimestamp: number,
  headroom: number,
): Buffer {
  const sizes = measureRecords(records, baseOffset, baseTimestamp)
  const total = sizes.reduce((sum, size) => sum + zigzagSize(size) + size, headroom)
  if (total > BATCH_BYTES_MAX) throw wireError('BATCH_TOO_LARGE', `batch of ${total} bytes`)
  const bytes = Buffer.allocUnsafe(total)
  let at = headroom
  records.forEach((record, index) => {
    at = putZigzag(bytes, at, sizes[index]!)
    bytes[at] = record.attributes ?? 0
    at = putZigzag(bytes, at + 1, record.timestamp - baseTimestamp)
    at = putZigzag(bytes, at, deltaOf(records, index, baseOffset))
    at = putBody(bytes, at, record)
  })
  return bytes
}

/** The size of each record behind its length, after checking that its offset and timestamp can be written. */
function measureRecords(
  records: readonly RecordInput[],
  baseOffset: number,
  baseTimestamp: number,
): Float64Array {
  const sizes = new Float64Array(records.length)
  let previous = -1
  records.forEach((record, index) => {
    const offsetDelta = deltaOf(records, index, baseOffset)
    const timestampDelta = record.timestamp - baseTimestamp
    if (offsetDelta <= previous || offsetDelta !== (offsetDelta | 0)) {
      throw wireError('BATCH_MALFORMED', `record ${index} has offset delta ${offsetDelta} after ${previous}`)
    }
    if (!Number.isSafeInteger(2 * timestampDelta) || !Number.isSafeInteger(record.timestamp)) {
      throw wireError('WIRE_VALUE_OUT_OF_RANGE', `record ${index} has timestamp ${record.timestamp}`)
    }
    previous = offsetDelta
    sizes[index] = 1 + zigzagSize(timestampDelta) + zigzagSize(offsetDelta) + bodySize(record)
  })
  return sizes
}

function deltaOf(records: readonly RecordInput[], index: number, baseOffset: number): number {
  const offset = records[index]!.offset
  return offset === undefined ? index : offset - baseOffset
}

function writeHeader(batch: Buffer, input: BatchInput, baseOffset: number, codec: number): void {
  const { records } = input
  const maxTimestamp = records.reduce((max, record) => Math.max(max, record.timestamp), records[0]!.timestamp)
  const attributes =
    codec |
    (input.timestampType === 'LogAppendTime' ? ATTRIBUTE.logAppendTime : 0) |
    (input.transactional === true ? ATTRIBUTE.transactional : 0) |
    (input.control === true ? ATTRIBUTE.control : 0)
  putInt64(batch, AT.baseOffset, baseOffset, 'base offset')
  batch.writeInt32BE(batch.length - UNCOUNTED_BYTES, AT.batchLength)
  batch.writeInt32BE(input.partitionLeaderEpoch ?? -1, AT.partitionLeaderEpoch)
  batch.writeInt8(MAGIC, AT.magic)
  batch.writeInt16BE(attributes, AT.attributes)
  putInt64(batch, AT.baseTimestamp, records[0]!.timestamp, 'timestamp')
  putInt64(batch, AT.maxTimestamp, maxTimestamp, 'timestamp')
  putInt64(batch, AT.producerId, input.producerId ?? -1, 'producer id')
  batch.writeInt16BE(input.producerEpoch ?? -1, AT.producerEpoch)
  batch.writeInt32BE(input.baseSequence ?? -1, AT.baseSequence)
  batch.writeInt32BE(records.length, AT.recordCount)
  batch.writeUInt32BE(crc32c(batch.subarray(AT.attributes)), AT.crc)
}
