import { KmcError } from '../base/error.ts'

type ErrorEntry = { readonly title: string; readonly remedy: string }

const peerRemedy =
  'The peer sent bytes that are not what Kafka speaks; check that the address is a Kafka listener and that nothing in between alters the stream.'
const callerRemedy = 'This is a mistake in the calling code, not in the cluster; report it with the message.'
const batchRemedy =
  "The bytes were damaged or are not record batches; read the range again, and if it stays check the broker's disk and log."

/** Every code that the room `wire` throws; docs/reference/errors.md is generated from it. */
export const wireErrors = {
  WIRE_TRUNCATED: { title: 'A message ends before its last field', remedy: peerRemedy },
  WIRE_LENGTH_OUT_OF_RANGE: {
    title: 'A length or count is negative or larger than what is left',
    remedy: peerRemedy,
  },
  WIRE_TRAILING_BYTES: { title: 'Bytes are left over after the last field', remedy: peerRemedy },
  WIRE_VARINT_OVERLONG: { title: 'A variable-length integer does not end in time', remedy: peerRemedy },
  WIRE_UNEXPECTED_NULL: { title: 'A field that may not be null is null', remedy: peerRemedy },
  WIRE_INT64_UNSAFE: {
    title: 'A 64-bit number lies beyond what kmc can hold exactly',
    remedy: 'Offsets, ids and times beyond 2^53-1 are not supported; look for a wrong value at the source.',
  },
  WIRE_UNKNOWN_API: { title: 'The API key is not one of Kafka 3.9.2 or 4.3.1', remedy: peerRemedy },
  WIRE_UNSUPPORTED_VERSION: {
    title: 'kmc does not speak this version of the API',
    remedy: 'Use a version inside the range of docs/reference/protocol.md.',
  },
  WIRE_FIELD_NOT_IN_VERSION: {
    title: 'A field is set that the chosen version cannot carry',
    remedy: 'Choose a version that has the field, or leave the field out.',
  },
  WIRE_VALUE_OUT_OF_RANGE: { title: 'A value does not fit its field', remedy: callerRemedy },
  BATCH_TRUNCATED: { title: 'A record batch ends before its last byte', remedy: batchRemedy },
  BATCH_MALFORMED: { title: 'A record batch contradicts itself', remedy: batchRemedy },
  BATCH_UNSUPPORTED_MAGIC: {
    title: 'A record batch has a format that kmc does not handle',
    remedy:
      'Formats 0 and 1 come from Kafka before 0.11; let the source rewrite them, or copy the topic by MirrorMaker.',
  },
  BATCH_CRC_MISMATCH: { title: 'The checksum of a record batch is wrong', remedy: batchRemedy },
  BATCH_TOO_LARGE: {
    title: 'A record batch would be larger than allowed',
    remedy: 'Put fewer or smaller records into one batch.',
  },
  COMPRESSION_UNKNOWN_CODEC: { title: 'The compression codec is unknown', remedy: batchRemedy },
  COMPRESSION_CORRUPT: { title: 'Compressed bytes cannot be read', remedy: batchRemedy },
  DECOMPRESSION_LIMIT: {
    title: 'Compressed bytes would inflate beyond the limit',
    remedy: 'Raise the limit if such batches are expected; otherwise treat the batch as hostile.',
  },
} as const satisfies Record<string, ErrorEntry>

export type WireErrorCode = keyof typeof wireErrors

/** A KmcError of this room: never retriable, since the same bytes give the same answer. */
export function wireError(code: WireErrorCode, message: string, cause?: unknown): KmcError {
  return new KmcError(code, message, { remedy: wireErrors[code].remedy, cause })
}
