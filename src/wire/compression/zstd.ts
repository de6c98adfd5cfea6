import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { beyondLimit, zlibFailure } from './failure.ts'

/** Zstandard at level 3, as ZstdCompression does. */
export function compressZstd(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes)
}

export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  if (maxBytes < 1) throw beyondLimit('zstd', maxBytes)
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw zlibFailure('zstd', maxBytes, error)
  }
}
