import { corrupt } from './failure.ts'

const MAGIC = 0xfd2fb528
/** Sixteen magics, 0x184D2A50 to 0x184D2A5F, begin a frame of somebody's own data. */
const SKIPPABLE_MAGIC = 0x184d2a50
const CONTENT_SIZE_BYTES = [0, 2, 4, 8]
const DICTIONARY_ID_BYTES = [0, 1, 2, 4]
const CHECKSUM_BYTES = 4
const RLE = 1
const RESERVED = 3

export type ZstdFrame = { readonly end: number; readonly skippable: boolean }

/**
 * Where the frame that begins at `at` ends (RFC 8878 section 3.1), found by walking over its block headers. node:zlib
 * takes a frame that was cut as a whole one in many releases of Node 24, so whoever inflates asks here first.
 * @throws KmcError COMPRESSION_CORRUPT when the bytes end before the frame does.
 */
export function zstdFrame(bytes: Buffer, at: number): ZstdFrame {
  const need = (end: number) => {
    if (end > bytes.length) throw corrupt('zstd', `the frame at byte ${at} is cut`)
    return end
  }
  let end = need(at + 4)
  const magic = bytes.readUInt32LE(at)
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
    end = need(end + 4)
    return { end: need(end + bytes.readUInt32LE(end - 4)), skippable: true }
  }
  if (magic !== MAGIC) throw corrupt('zstd', `no frame at byte ${at}`)
  end = need(end + 1)
  const descriptor = bytes[end - 1]!
  end = need(end + headerBytes(descriptor))
  for (let last = false; !last; ) {
    end = need(end + 3)
    const block = bytes.readUIntLE(end - 3, 3)
    const type = (block >> 1) & 3
    if (type === RESERVED) throw corrupt('zstd', `a block of the reserved type at byte ${end - 3}`)
    last = (block & 1) === 1
    end = need(end + (type === RLE ? 1 : block >> 3))
  }
  const hasChecksum = (descriptor & 4) !== 0
  return { end: need(end + (hasChecksum ? CHECKSUM_BYTES : 0)), skippable: false }
}

/** What follows the descriptor before the first block: window, dictionary id, size of the content. */
function headerBytes(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0
  const contentSize = CONTENT_SIZE_BYTES[descriptor >> 6]!
  const window = singleSegment ? 0 : 1
  return (
    window + DICTIONARY_ID_BYTES[descriptor & 3]! + (singleSegment && contentSize === 0 ? 1 : contentSize)
  )
}
