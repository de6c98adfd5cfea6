import { requestHeaderVersion } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'

/** The fixed beginning of a request frame: size, API key, version, correlation id. */
export const REQUEST_HEAD_BYTES = 12
/** The same of an answer: size and correlation id. */
export const ANSWER_HEAD_BYTES = 8

/** What decides over a Produce request. `bodyAt`: where the timeout follows, counted from the frame's size on. */
export type ProduceHead = {
  readonly transactionalId: string | null
  readonly acks: number
  readonly bodyAt: number
}

export const apiKeyOf = (frame: Buffer): number => frame.readInt16BE(4)
export const versionOf = (frame: Buffer): number => frame.readInt16BE(6)
export const correlationIdOf = (frame: Buffer): number => frame.readInt32BE(8)

/** The client id, which stands behind the correlation id in all versions that clients send. Throws RangeError. */
export function clientIdOf(frame: Buffer): string | null {
  return textAt(frame, REQUEST_HEAD_BYTES, false)?.text ?? null
}

/**
 * Reads the beginning of a Produce request of version 3 or newer; `frame` begins with its size. Null when more bytes
 * are needed. Throws RangeError when it cannot be a Produce request.
 */
export function produceHead(frame: Buffer, version: number): ProduceHead | null {
  const isFlexible = requestHeaderVersion(Produce, version) === 2
  const clientId = textAt(frame, REQUEST_HEAD_BYTES, false)
  if (clientId === null) return null
  let at = clientId.end
  if (isFlexible) {
    // Header tags: none is defined, so a client that sends one is told to stay away.
    if (at >= frame.length) return null
    if (frame[at] !== 0) throw new RangeError('a request header with tags')
    at += 1
  }
  const transactionalId = textAt(frame, at, isFlexible)
  if (transactionalId === null || transactionalId.end + 2 > frame.length) return null
  const acks = frame.readInt16BE(transactionalId.end)
  return { transactionalId: transactionalId.text, acks, bodyAt: transactionalId.end + 2 }
}

type Text = { readonly text: string | null; readonly end: number }

/** Null when it is not there wholly. */
function textAt(frame: Buffer, at: number, isCompact: boolean): Text | null {
  const size = isCompact ? compactSize(frame, at) : plainSize(frame, at)
  if (size === null) return null
  if (size.bytes < 0) return { text: null, end: size.from }
  const end = size.from + size.bytes
  if (end > frame.length) return null
  return { text: frame.toString('utf8', size.from, end), end }
}

type Size = { readonly bytes: number; readonly from: number }

function plainSize(frame: Buffer, at: number): Size | null {
  return at + 2 > frame.length ? null : { bytes: frame.readInt16BE(at), from: at + 2 }
}

/** A compact length is one more than the number of bytes; 0 stands for null (KIP-482). At most 32,767 bytes. */
function compactSize(frame: Buffer, at: number): Size | null {
  let value = 0
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = frame[at++]
    if (byte === undefined) return null
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { bytes: value - 1, from: at }
  }
  throw new RangeError('a text of more than 32767 bytes')
}
