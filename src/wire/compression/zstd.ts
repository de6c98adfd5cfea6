import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { beyondLimit, corrupt, zlibFailure } from './failure.ts'

/** What node:zlib gives with `info: true`; its types leave that out. */
type Inflated = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }

/** Zstandard at level 3, as ZstdCompression does. */
export function compressZstd(bytes: Buffer): Buffer {
  return zstdCompressSync(bytes)
}

/** Reads all frames that stand in a row; node:zlib stops silently after the first. */
export function decompressZstd(bytes: Buffer, maxBytes: number): Buffer {
  const parts: Buffer[] = []
  let left = maxBytes
  for (let at = 0; at < bytes.length || at === 0; ) {
    const { buffer, engine } = decompressFrame(bytes.subarray(at), left, maxBytes)
    if (engine.bytesWritten <= 0) throw corrupt('zstd', `no frame at byte ${at}`)
    parts.push(buffer)
    left -= buffer.length
    at += engine.bytesWritten
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

function decompressFrame(bytes: Buffer, left: number, maxBytes: number): Inflated {
  if (left < 1) throw beyondLimit('zstd', maxBytes)
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: left, info: true }) as unknown as Inflated
  } catch (error) {
    throw zlibFailure('zstd', maxBytes, error)
  }
}
