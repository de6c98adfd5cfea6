import { gunzipSync, gzipSync } from 'node:zlib'
import { beyondLimit, zlibFailure } from './failure.ts'

/** Gzip at zlib's default level, as GzipCompression does. */
export function compressGzip(bytes: Buffer): Buffer {
  return gzipSync(bytes)
}

export function decompressGzip(bytes: Buffer, maxBytes: number): Buffer {
  if (maxBytes < 1) throw beyondLimit('gzip', maxBytes)
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw zlibFailure('gzip', maxBytes, error)
  }
}
