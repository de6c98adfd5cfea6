import { corrupt } from './failure.ts'
import { xxhash32 } from './xxhash32.ts'

/** What the descriptor of an LZ4 frame says (LZ4 frame format 1.6). */
export type Lz4Frame = {
  readonly blockBytesMax: number
  readonly blockChecksums: boolean
  readonly contentChecksum: boolean
  /** The uncompressed size, where the frame states it. */
  readonly contentBytes: number | undefined
  readonly blocksAt: number
}

const MAGIC = 0x184d2204
const FLAG = {
  version: 0xc0,
  version1: 0x40,
  blockChecksums: 0x10,
  contentSize: 0x08,
  contentChecksum: 0x04,
  dictionary: 0x01,
}
const MAGIC_BYTES = 4
const DESCRIPTOR_BYTES_MIN = 3

/** Reads and checks the frame descriptor. Errors: COMPRESSION_CORRUPT. */
export function readFrameHeader(bytes: Buffer): Lz4Frame {
  if (bytes.length < MAGIC_BYTES + DESCRIPTOR_BYTES_MIN || bytes.readUInt32LE(0) !== MAGIC) {
    throw corrupt('lz4', 'no frame begins here')
  }
  const flags = bytes[MAGIC_BYTES]!
  const sized = (flags & FLAG.contentSize) !== 0
  const checksumAt = MAGIC_BYTES + 2 + (sized ? 8 : 0)
  const blockSizeId = (bytes[MAGIC_BYTES + 1]! >> 4) & 7
  if ((flags & FLAG.version) !== FLAG.version1 || blockSizeId < 4)
    throw corrupt('lz4', 'unknown kind of frame')
  if ((flags & FLAG.dictionary) !== 0) throw corrupt('lz4', 'the frame needs a dictionary')
  if (checksumAt >= bytes.length) throw corrupt('lz4', 'frame header cut')
  const checksum = (xxhash32(bytes.subarray(MAGIC_BYTES, checksumAt)) >>> 8) & 0xff
  if (checksum !== bytes[checksumAt]) throw corrupt('lz4', 'header checksum wrong')
  return {
    // 4 to 7 stand for 64 KiB, 256 KiB, 1 MiB, 4 MiB.
    blockBytesMax: 1 << (8 + 2 * blockSizeId),
    blockChecksums: (flags & FLAG.blockChecksums) !== 0,
    contentChecksum: (flags & FLAG.contentChecksum) !== 0,
    contentBytes: sized ? Number(bytes.readBigUInt64LE(MAGIC_BYTES + 2)) : undefined,
    blocksAt: checksumAt + 1,
  }
}
