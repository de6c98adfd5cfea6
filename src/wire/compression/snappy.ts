import type * as Snappy from 'snappy'
import { beyondLimit, corrupt } from './failure.ts'
import { lazily } from './native.ts'
import { decodeSnappyBlock } from './snappy-block.ts'

const snappy = lazily<typeof Snappy>('snappy')

/** Start of a stream of snappy-java's SnappyOutputStream ("xerial framing"), which Kafka's Java client writes. */
const MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const VERSION = 1
const HEADER_BYTES = 16
/** SnappyOutputStream's default block. */
const BLOCK_BYTES = 32 * 1024
/** Results as external memory, the library's default, are 18 times slower for blocks of this size. */
const COPIED = { copyOutputData: true }
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
    const block = snappy().compressSync(bytes.subarray(at, at + BLOCK_BYTES), COPIED)
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length, 0)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

/**
 * Reads xerial framing, and one bare snappy block, which some other clients write. Decodes in JavaScript: quicker
 * here than the library, whose results come as external memory, and bounded before anything is allocated.
 */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = isFramed(bytes) ? framedBlocks(bytes) : [openBlock(bytes)]
  const total = blocks.reduce((sum, block) => sum + block.size, 0)
  if (total > maxBytes) throw beyondLimit('snappy', maxBytes)
  const out = Buffer.allocUnsafe(total)
  let at = 0
  for (const { bytes: block, elementsAt, size } of blocks) {
    decodeSnappyBlock(block, elementsAt, out.subarray(at, at + size))
    at += size
  }
  return out
}

type Block = { readonly bytes: Buffer; readonly elementsAt: number; readonly size: number }

function isFramed(bytes: Buffer): boolean {
  return bytes.length >= HEADER_BYTES && bytes.subarray(0, MAGIC.length).equals(MAGIC)
}

function framedBlocks(bytes: Buffer): Block[] {
  const blocks: Block[] = []
  for (let at = HEADER_BYTES; at < bytes.length; ) {
    if (at + 4 > bytes.length) throw corrupt('snappy', `block length cut at byte ${at}`)
    const size = bytes.readInt32BE(at)
    at += 4
    if (size <= 0 || size > bytes.length - at) throw corrupt('snappy', `block of ${size} bytes at byte ${at}`)
    blocks.push(openBlock(bytes.subarray(at, at + size)))
    at += size
  }
  return blocks
}

/** Reads the preamble: the uncompressed length as an unsigned varint of at most 32 bits. */
function openBlock(bytes: Buffer): Block {
  let size = 0
  for (let i = 0; i < 5 && i < bytes.length; i++) {
    const byte = bytes[i]!
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte >= 0x80) continue
    if (size > bytes.length * EXPANSION_MAX) throw corrupt('snappy', `${bytes.length} bytes promise ${size}`)
    return { bytes, elementsAt: i + 1, size }
  }
  throw corrupt('snappy', 'the length before the block does not end')
}
