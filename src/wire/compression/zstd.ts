import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { beyondLimit, zlibFailure } from './failure.ts'
import { zstdFrame } from './zstd-frame.ts'

/** Zstandard at level 3, as ZstdCompression does. */
export function compressZstd(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes)
}

/** Reads all frames that stand in a row; node:zlib stops silently after the first. */
export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = []
  let left = maxBytes
  for (let at = 0; at < bytes.length || at === 0; ) {
    const { end, skippable } = zstdFrame(bytes, at)
    if (!skippable) {
      const part = decompressFrame(bytes.subarray(at, end), left, maxBytes)
      parts.push(part)
      left -= part.length
    }
    at = end
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function decompressFrame(frame: Buffer, left: number, maxBytes: number): Buffer {
  if (left < 1) throw beyondLimit('zstd', maxBytes)
  try {
    return zstdDecompressSync(frame, { maxOutputLength: left })
  } catch (error) {
    throw zlibFailure('zstd', maxBytes, error)
  }
}
