import { wireError } from '../errors.ts'
import { compressGzip, decompressGzip } from './gzip.ts'
import { compressLz4, decompressLz4 } from './lz4.ts'
import { compressSnappy, decompressSnappy } from './snappy.ts'
import { compressZstd, decompressZstd } from './zstd.ts'

/** Kafka's compression codecs by the number in a batch's attributes. */
export const Codec = { NONE: 0, GZIP: 1, SNAPPY: 2, LZ4: 3, ZSTD: 4 } as const

/** How much decompression may yield; one byte more is DECOMPRESSION_LIMIT. */
export type DecompressLimit = { readonly maxBytes: number }

/** Compresses as Kafka's Java client does; any Kafka client reads the result. `none` gives the bytes themselves. */
export function compress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case Codec.NONE:
      return bytes
    case Codec.GZIP:
      return compressGzip(bytes)
    case Codec.SNAPPY:
      return compressSnappy(bytes)
    case Codec.LZ4:
      return compressLz4(bytes)
    case Codec.ZSTD:
      return compressZstd(bytes)
    default:
      throw unknownCodec(codec)
  }
}

/**
 * Decompresses what any Kafka client wrote. The limit holds while inflating, so a small input cannot claim much
 * memory. Errors: DECOMPRESSION_LIMIT, COMPRESSION_CORRUPT, COMPRESSION_UNKNOWN_CODEC.
 */
export function decompress(codec: number, bytes: Buffer, limit: DecompressLimit): Buffer {
  switch (codec) {
    case Codec.NONE:
      return bytes
    case Codec.GZIP:
      return decompressGzip(bytes, limit.maxBytes)
    case Codec.SNAPPY:
      return decompressSnappy(bytes, limit.maxBytes)
    case Codec.LZ4:
      return decompressLz4(bytes, limit.maxBytes)
    case Codec.ZSTD:
      return decompressZstd(bytes, limit.maxBytes)
    default:
      throw unknownCodec(codec)
  }
}

function unknownCodec(codec: number): Error {
  return wireError('COMPRESSION_UNKNOWN_CODEC', `codec ${codec} is none of 0 (none) to 4 (zstd)`)
}
