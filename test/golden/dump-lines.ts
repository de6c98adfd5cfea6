import { decodeControl } from '../../src/wire/batch/control.ts'
import {
  type Batch,
  codecOf,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffset,
  verifyCrc,
} from '../../src/wire/batch/header.ts'
import { type RecordView, readRecords } from '../../src/wire/batch/records.ts'

const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The line that Kafka's DumpLogSegments prints of a batch, made from what kmc read; without its position. */
export function batchLine({ header, bytes }: Batch): string {
  const { baseOffset, recordCount, baseSequence, lastOffsetDelta, producerId, producerEpoch } = header
  const lastSequence = baseSequence < 0 ? -1 : baseSequence + lastOffsetDelta
  return [
    `baseOffset: ${baseOffset} lastOffset: ${lastOffset(header)} count: ${recordCount}`,
    `baseSequence: ${baseSequence} lastSequence: ${lastSequence}`,
    `producerId: ${producerId} producerEpoch: ${producerEpoch}`,
    `partitionLeaderEpoch: ${header.partitionLeaderEpoch}`,
    `isTransactional: ${isTransactional(header)} isControl: ${isControl(header)}`,
    `deleteHorizonMs: OptionalLong.empty ${timeName(header)}: ${header.maxTimestamp}`,
    `size: ${header.sizeBytes} magic: ${header.magic} compresscodec: ${CODEC_NAMES[codecOf(header)]}`,
    `crc: ${header.crc} isvalid: ${verifyCrc(bytes)}`,
  ].join(' ')
}

/** The lines of the records of a batch, as the same tool prints them with --print-data-log. */
export function recordLines(batch: Batch): string[] {
  return [...readRecords(batch.bytes)].map((record, index) => {
    const sequence = batch.header.baseSequence < 0 ? -1 : batch.header.baseSequence + index
    const keys = record.headers.map(({ key }) => key)
    const place = `offset: ${record.offset} ${timeName(batch.header)}: ${record.timestamp}`
    const sizes = `keySize: ${sizeOf(record.key)} valueSize: ${sizeOf(record.value)}`
    const contents = isControl(batch.header) ? controlText(record) : plainText(record)
    return `| ${place} ${sizes} sequence: ${sequence} headerKeys: [${keys.join(',')}]${contents}`
  })
}

function timeName(header: Batch['header']): string {
  return isLogAppendTime(header) ? 'LogAppendTime' : 'CreateTime'
}

function sizeOf(bytes: Buffer | null): number {
  return bytes === null ? -1 : bytes.length
}

function plainText({ key, value }: RecordView): string {
  return `${key === null ? '' : ` key: ${key}`}${value === null ? '' : ` payload: ${value}`}`
}

function controlText({ key, value }: RecordView): string {
  const { type, coordinatorEpoch } = decodeControl(key, value)
  return ` endTxnMarker: ${type} coordinatorEpoch: ${coordinatorEpoch}`
}
