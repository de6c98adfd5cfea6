import { wireError } from '../errors.ts'

/** Kinds of control records by their number on the wire (org.apache.kafka.common.record.ControlRecordType). */
const CONTROL_TYPES = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
] as const

export type ControlType = (typeof CONTROL_TYPES)[number] | 'UNKNOWN'

/** What a control batch says. Only ABORT and COMMIT carry a coordinator epoch. */
export type ControlRecord = { readonly type: ControlType; readonly coordinatorEpoch: number | null }

const KEY_BYTES = 4
const MARKER_VALUE_BYTES = 6

/** Decodes a control record: its key holds version and type, a marker's value version and coordinator epoch. */
export function decodeControl(key: Buffer | null, value: Buffer | null): ControlRecord {
  if (key === null || key.length < KEY_BYTES)
    throw wireError('BATCH_MALFORMED', 'control record without its type')
  const type = CONTROL_TYPES[key.readInt16BE(2)] ?? 'UNKNOWN'
  if (type !== 'ABORT' && type !== 'COMMIT') return { type, coordinatorEpoch: null }
  if (value === null || value.length < MARKER_VALUE_BYTES) {
    throw wireError('BATCH_MALFORMED', `${type} marker without a coordinator epoch`)
  }
  return { type, coordinatorEpoch: value.readInt32BE(2) }
}

/** Encodes an end-transaction marker's key and value, both of version 0. */
export function encodeMarker(
  type: 'ABORT' | 'COMMIT',
  coordinatorEpoch: number,
): { key: Buffer; value: Buffer } {
  const key = Buffer.alloc(KEY_BYTES)
  key.writeInt16BE(CONTROL_TYPES.indexOf(type), 2)
  const value = Buffer.alloc(MARKER_VALUE_BYTES)
  value.writeInt32BE(coordinatorEpoch, 2)
  return { key, value }
}
