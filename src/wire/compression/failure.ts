import { messageOf } from '../../base/error.ts'
import { wireError } from '../errors.ts'

/** The error for output beyond the limit. */
export function beyondLimit(codec: string, maxBytes: number): Error {
  return wireError('DECOMPRESSION_LIMIT', `${codec} data inflate beyond the limit of ${maxBytes} bytes`)
}

/** The error for input that is not what its codec says. */
export function corrupt(codec: string, why: string, cause?: unknown): Error {
  return wireError('COMPRESSION_CORRUPT', `${codec} data are damaged: ${why}`, cause)
}

/** Turns what node:zlib throws into one of ours. */
export function zlibFailure(codec: string, maxBytes: number, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ERR_BUFFER_TOO_LARGE'
    ? beyondLimit(codec, maxBytes)
    : corrupt(codec, messageOf(error), error)
}
