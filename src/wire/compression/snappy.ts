import { compressSync, uncompressSync } from 'snappy'
import { messageOf } from '../../base/error.ts'
import { beyondLimit, corrupt } from './failure.ts'

/** Start of a stream of snappy-java's SnappyOutputStream ("xerial framing"), which Kafka's Java client writes. */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const VERSION = 1
const HEADER_BYTES = 16
/** SnappyOutputStream's default block. */
const BLOCK_BYTES = 32 * 1024
/** The densest element copies 64 bytes by 3; a block that promises more is lying. */
const EXPANSION_MAX = 22

/** Snappy in xerial framing: a header, then blocks, each with its length before it. */
export function compressSnappy(bytes: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  header.writeInt32BE(VERSION, 8)
  header.writeInt32BE(VERSION, 12)
  const parts: Buffer[] = [header]
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = compressSync(bytes.subarray(at, at + BLOCK_BYTES))
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length, 0)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

/** Reads xerial framing, and one bare snappy block, which some other clients write. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const framed = bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
  if (!framed) return decompressBlock(bytes, maxBytes)
  const parts: Buffer[] = []
  let left = maxBytes
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw corrupt('snappy', `block length cut at byte ${at}`)
    const size = bytes.readInt32BE(at)
    at += 4
    if (size <= 0 || size > bytes.length - at) throw corrupt('snappy', `block of ${size} bytes at byte ${at}`)
    const part = decompressBlock(bytes.subarray(at, at + size), left, maxBytes)
    parts.push(part)
    left -= part.length
    at += size
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** The declared length is checked before the library allocates it. */
function decompressBlock(block: Buffer, left: number, maxBytes = left): Buffer {
  const declared = declaredBytes(block)
  if (declared > left) throw beyondLimit('snappy', maxBytes)
  if (declared > block.length * EXPANSION_MAX)
    throw corrupt('snappy', `${block.length} bytes promise ${declared}`)
  try {
    return uncompressSync(block, { asBuffer: true }) as Buffer
  } catch (error) {
    throw corrupt('snappy', messageOf(error), error)
  }
}

/** The block's preamble: its uncompressed length as an unsigned varint of at most 32 bits. */
function declaredBytes(block: Buffer): number {
  let value = 0
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i]!
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return value
  }
  throw corrupt('snappy', 'the length before the block does not end')
}
