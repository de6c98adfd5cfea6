import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'

/** What a client reports of a record that it read. Bytes are base64; `null` where there are none. */
export type SeenRecord = {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  /** Null when the client does not tell. */
  readonly timestampType: 'CreateTime' | 'LogAppendTime' | null
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly SeenHeader[]
}

export type SeenHeader = readonly [name: string, value: string | null]

/** A record to be written. */
export type NewRecord = {
  readonly partition: number
  readonly timestamp?: number
  readonly key?: string | null
  readonly value?: string | null
  readonly headers?: readonly SeenHeader[]
}

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Codec = (typeof codecs)[number]

/** Base64 of a text. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString('base64')
}

export function textOf(base64: string | null): string | null {
  return base64 === null ? null : Buffer.from(base64, 'base64').toString()
}

/** Sorted by partition and offset, which is how two readings are compared. */
export function inOrder(records: readonly SeenRecord[]): SeenRecord[] {
  return [...records].sort((a, b) => a.partition - b.partition || a.offset - b.offset)
}

/** A record as one line; long bytes are shown by their digest. */
export function lineOf(record: SeenRecord, fields: { readonly timestampType: boolean }): string {
  const type = fields.timestampType ? record.timestampType : '-'
  const headers = record.headers.map(([name, value]) => `${name}=${shortened(value)}`).join(',')
  const time = `${record.timestamp} ${type}`
  const bytes = `${shortened(record.key)} ${shortened(record.value)}`
  return `${record.partition}@${record.offset} ${time} ${bytes} {${headers}}`
}

function shortened(base64: string | null): string {
  if (base64 === null) return 'null'
  if (base64.length <= 64) return `"${base64}"`
  return `${base64.length}#${createHash('sha256').update(base64).digest('base64url').slice(0, 16)}`
}

/**
 * Fails unless both readings hold the same records at the same offsets, and names the first difference. Timestamp types
 * are compared where both clients tell them and `types` does not say otherwise.
 */
export function assertSameRecords(
  what: string,
  left: readonly SeenRecord[],
  right: readonly SeenRecord[],
  { timestampTypes = true }: { readonly timestampTypes?: boolean } = {},
): void {
  const told = [...left, ...right].every((record) => record.timestampType !== null)
  const fields = { timestampType: timestampTypes && told }
  const [a, b] = [left, right].map((side) => inOrder(side).map((record) => lineOf(record, fields)))
  const length = Math.max(a!.length, b!.length)
  for (let at = 0; at < length; at++) {
    if (a![at] === b![at]) continue
    const counts = `${a!.length} and ${b!.length} records`
    assert.fail(
      `${what}: ${counts}, first difference:\n  ${a![at] ?? '(nothing)'}\n  ${b![at] ?? '(nothing)'}`,
    )
  }
}
