import { isUtf8 } from 'node:buffer'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'

/**
 * Bytes of a record as a page can show them: JSON and text as text, anything else as base64. `text` and `base64` hold
 * the beginning alone where `isCut`; `sizeBytes` is always that of the whole.
 */
export type ShownField =
  | { readonly type: 'null' }
  | {
      readonly type: 'json' | 'text'
      readonly text: string
      readonly sizeBytes: number
      readonly isCut: boolean
    }
  | { readonly type: 'binary'; readonly base64: string; readonly sizeBytes: number; readonly isCut: boolean }

export type ShownRecord = {
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly key: ShownField
  readonly value: ShownField
  readonly headers: readonly { readonly name: string; readonly value: ShownField }[]
  /** Of key, value and headers. */
  readonly sizeBytes: number
}

const HEADERS_MAX = 100
const LOOKED_AT_BYTES = 64 * 1024
/** Longer values are not looked at more closely than as text. */
const JSON_BYTES_MAX = 1024 * 1024

export function shown(record: ConsumedRecord, fieldBytesMax: number): ShownRecord {
  const { partition, offset, timestamp, key, value, headers } = record
  return {
    ...{ partition, offset, timestamp },
    key: field(key, fieldBytesMax),
    value: field(value, fieldBytesMax),
    headers: headers.slice(0, HEADERS_MAX).map((header) => {
      return { name: String(header.key), value: field(header.value, fieldBytesMax) }
    }),
    sizeBytes: sizeOf(record),
  }
}

/** Bytes of key, value and headers together. */
export function sizeOf({ key, value, headers }: ConsumedRecord): number {
  const inHeaders = headers.reduce((sum, header) => sum + header.key.length + (header.value?.length ?? 0), 0)
  return (key?.length ?? 0) + (value?.length ?? 0) + inHeaders
}

function field(bytes: Buffer | null, max: number): ShownField {
  if (bytes === null) return { type: 'null' }
  const isCut = bytes.length > max
  const size = { sizeBytes: bytes.length, isCut }
  const kept = isCut ? withoutHalf(bytes.subarray(0, max)) : bytes
  if (!isText(kept)) return { type: 'binary', base64: kept.toString('base64'), ...size }
  const text = kept.toString('utf8')
  return { type: parsedJson(bytes) === undefined ? 'text' : 'json', text, ...size }
}

/** Without the beginning of a character whose end was cut off. */
function withoutHalf(bytes: Buffer): Buffer {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!
    if (byte >= 0xc0) return bytes.subarray(0, bytes.length - back)
    if (byte < 0x80) break
  }
  return bytes
}

/** UTF-8 whose beginning has none of the control characters that no text has. */
function isText(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.subarray(0, LOOKED_AT_BYTES).some(isControl)
}

function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d
}

/** The object or list that bytes are as JSON; undefined when they are neither. */
export function parsedJson(bytes: Buffer): object | undefined {
  const first = bytes[0]
  if (
    bytes.length > JSON_BYTES_MAX ||
    (first !== 0x7b && first !== 0x5b && first !== 0x20 && first !== 0x0a)
  ) {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    // What looks like JSON and is none is shown as text: nothing is wrong with it.
    return undefined
  }
}
