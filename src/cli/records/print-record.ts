import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import { printable } from '../terminal/text-width.ts'
import { formatInstant } from '../terminal/units.ts'
import { type Encoding, type JsonField, toField } from './field.ts'

export const recordFormats = ['line', 'value', 'json'] as const
export type RecordFormat = (typeof recordFormats)[number]

/** The bytes of one record on stdout, its line end included. */
export function printRecord(
  record: ConsumedRecord,
  format: RecordFormat,
  encoding: Encoding,
): Buffer | string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(jsonOf(record, encoding))}\n`
    case 'line':
      return `${lineOf(record, encoding)}\n`
    case 'value':
      return rawValue(record, encoding)
  }
}

/** A record as one line of JSON. */
type JsonRecord = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: JsonField
  readonly value: JsonField
  readonly headers: readonly { readonly key: JsonField; readonly value: JsonField }[]
}

function jsonOf(record: ConsumedRecord, encoding: Encoding): JsonRecord {
  const { topic, partition, offset, timestamp, key, value, headers } = record
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: toField(key, encoding),
    value: toField(value, encoding),
    headers: headers.map((header) => ({
      key: typeof header.key === 'string' ? header.key : toField(header.key, 'utf8'),
      value: toField(header.value, encoding),
    })),
  }
}

/** `0@17  2026-01-31T08:00:00.000Z  key  value  name=value`; a null is `-`, as everywhere in kmc. */
function lineOf(record: ConsumedRecord, encoding: Encoding): string {
  const headers = record.headers.map(
    ({ key, value }) =>
      `${text(typeof key === 'string' ? Buffer.from(key) : key, 'utf8')}=${text(value, encoding)}`,
  )
  const place = `${record.partition}@${record.offset}`
  return [
    place,
    formatInstant(record.timestamp),
    text(record.key, encoding),
    text(record.value, encoding),
    ...headers,
  ].join('  ')
}

function text(bytes: Buffer | null, encoding: Encoding): string {
  const field: JsonField = toField(bytes, encoding)
  if (field === null) return '-'
  return printable(typeof field === 'string' ? field : `base64:${field.base64}`)
}

/** The value's own bytes, or its text in the encoding; a tombstone is an empty line. */
function rawValue({ value }: ConsumedRecord, encoding: Encoding): Buffer | string {
  if (value === null) return '\n'
  return encoding === 'utf8' ? Buffer.concat([value, Buffer.from('\n')]) : `${value.toString(encoding)}\n`
}
