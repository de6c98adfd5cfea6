import { putZigzag, zigzagSize } from '../varint.ts'
import type { RecordHeader, RecordInput } from './record.ts'

const NO_HEADERS: readonly RecordHeader[] = []

/** Bytes that key, value and headers of a record take. */
export function bodySize(record: RecordInput): number {
  if (record.body !== undefined) return record.body.length
  const headers = record.headers ?? NO_HEADERS
  let size = bytesSize(record.key) + bytesSize(record.value) + zigzagSize(headers.length)
  for (const header of headers) size += keySize(header.key) + bytesSize(header.value)
  return size
}

/** Writes key, value and headers and gives the position behind them. */
export function putBody(bytes: Buffer, at: number, record: RecordInput): number {
  if (record.body !== undefined) return at + record.body.copy(bytes, at)
  const headers = record.headers ?? NO_HEADERS
  let next = putBytes(bytes, at, record.key)
  next = putBytes(bytes, next, record.value)
  next = putZigzag(bytes, next, headers.length)
  for (const header of headers) {
    next = putKey(bytes, next, header.key)
    next = putBytes(bytes, next, header.value)
  }
  return next
}

function bytesSize(value: Buffer | null | undefined): number {
  return value === null || value === undefined ? 1 : zigzagSize(value.length) + value.length
}

function putBytes(bytes: Buffer, at: number, value: Buffer | null | undefined): number {
  if (value === null || value === undefined) return putZigzag(bytes, at, -1)
  const next = putZigzag(bytes, at, value.length)
  return next + value.copy(bytes, next)
}

function keySize(key: string | Buffer): number {
  const size = typeof key === 'string' ? Buffer.byteLength(key) : key.length
  return zigzagSize(size) + size
}

function putKey(bytes: Buffer, at: number, key: string | Buffer): number {
  if (typeof key !== 'string') return putBytes(bytes, at, key)
  const next = putZigzag(bytes, at, Buffer.byteLength(key))
  return next + bytes.write(key, next)
}
