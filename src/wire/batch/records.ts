import { decompress } from '../compression/codec.ts'
import { wireError } from '../errors.ts'
import { type ControlRecord, decodeControl } from './control.ts'
import { RecordCursor } from './cursor.ts'
import { type BatchHeader, codecOf, isControl, isLogAppendTime, readBatchHeader } from './header.ts'
import { AT } from './layout.ts'
import type { RecordHeader, RecordView } from './record.ts'

export type { ControlRecord, ControlType } from './control.ts'
export type { RecordHeader, RecordView } from './record.ts'

/** What reading a batch may cost: bytes after decompression. */
export type RecordLimits = { readonly maxBytes: number }

/** Records of one batch, decompressed, when the caller names no limit; brokers take 1 MiB compressed by default. */
const DECOMPRESSED_BYTES_MAX = 128 * 1024 * 1024

const DEFAULT_LIMITS: RecordLimits = { maxBytes: DECOMPRESSED_BYTES_MAX }
const CONTROL_LIMITS: RecordLimits = { maxBytes: 1024 * 1024 }
const RECORD_BYTES_MIN = 7
const HEADER_BYTES_MIN = 2
const NO_HEADERS: readonly RecordHeader[] = []
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The records of exactly one batch, in order. The CRC is the caller's to check. Errors: those of
 * readBatchHeader and decompress, BATCH_MALFORMED, WIRE_INT64_UNSAFE.
 */
export function* readRecords(batch: Buffer, limits = DEFAULT_LIMITS): Generator<RecordView, void, undefined> {
  const header = readBatchHeader(batch, 0)
  const cursor = openRecords(batch, header, limits)
  const appendTime = isLogAppendTime(header) ? header.maxTimestamp : undefined
  let previous = -1
  for (let i = 0; i < header.recordCount; i++) {
    cursor.enter()
    if (cursor.offsetDelta <= previous || cursor.offsetDelta > header.lastOffsetDelta) {
      throw cursor.malformed(`offset delta ${cursor.offsetDelta} after ${previous}`)
    }
    previous = cursor.offsetDelta
    yield viewRecord(cursor, header, appendTime)
    cursor.leave()
  }
  if (!cursor.done()) throw cursor.malformed('bytes left over')
}

/** Reads the first record of a control batch; other batches are BATCH_MALFORMED. */
export function readControlRecord(batch: Buffer): ControlRecord {
  if (!isControl(readBatchHeader(batch, 0)))
    throw wireError('BATCH_MALFORMED', 'the batch is not a control batch')
  for (const record of readRecords(batch, CONTROL_LIMITS)) return decodeControl(record.key, record.value)
  throw wireError('BATCH_MALFORMED', 'control batch without a record')
}

/**
 * A cursor over the records of one batch, decompressed within the limits, for walks that need no RecordView:
 * `recordCount` times enter, look, leave.
 */
export function openRecords(batch: Buffer, header: BatchHeader, limits = DEFAULT_LIMITS): RecordCursor {
  if (header.sizeBytes !== batch.length) {
    throw wireError(
      'BATCH_MALFORMED',
      `batch says it has ${header.sizeBytes} bytes, ${batch.length} are given`,
    )
  }
  const bytes = decompress(codecOf(header), batch.subarray(AT.records), limits)
  if (header.recordCount * RECORD_BYTES_MIN > bytes.length) {
    throw wireError('BATCH_MALFORMED', `${header.recordCount} records cannot stand in ${bytes.length} bytes`)
  }
  return new RecordCursor(bytes)
}

function viewRecord(cursor: RecordCursor, header: BatchHeader, appendTime: number | undefined): RecordView {
  const { bodyAt, end } = cursor
  const timestamp = appendTime ?? header.baseTimestamp + cursor.timestampDelta
  if (!Number.isSafeInteger(timestamp))
    throw wireError('WIRE_INT64_UNSAFE', `timestamp ${timestamp} of a record`)
  const offset = header.baseOffset + cursor.offsetDelta
  const { attributes } = cursor
  const key = cursor.nullableBytes()
  const value = cursor.nullableBytes()
  const headers = readHeaders(cursor)
  if (cursor.at !== end) throw cursor.malformed('bytes left over in a record')
  return { offset, timestamp, attributes, key, value, headers, body: cursor.bytes.subarray(bodyAt, end) }
}

function readHeaders(cursor: RecordCursor): readonly RecordHeader[] {
  const count = cursor.count(HEADER_BYTES_MIN)
  if (count === 0) return NO_HEADERS
  const headers: RecordHeader[] = []
  for (let i = 0; i < count; i++) {
    const key = cursor.nullableBytes()
    if (key === null) throw cursor.malformed('null key of a header')
    headers.push({ key: textOrBytes(key), value: cursor.nullableBytes() })
  }
  return headers
}

function textOrBytes(bytes: Buffer): string | Buffer {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return bytes
  }
}
