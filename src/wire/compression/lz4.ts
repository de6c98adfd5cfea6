import type * as Lz4 from 'lz4-napi'
import { beyondLimit, corrupt } from './failure.ts'
import { decodeBlock } from './lz4-block.ts'
import { type Lz4Frame, readFrameHeader } from './lz4-frame.ts'
import { lazily } from './native.ts'
import { xxhash32 } from './xxhash32.ts'

const lz4 = lazily<typeof Lz4>('lz4-napi')

/** A byte of a block can stand for at most this many bytes (one more byte of match length). */
const EXPANSION_MAX = 255
const STORED_BIT = 0x80000000

/** LZ4 frame format with independent blocks, as Kafka's Lz4BlockOutputStream writes and its reader demands. */
export function compressLz4(bytes: Buffer): Buffer {
  return lz4().compressFrameSync(bytes)
}

/** Decodes one LZ4 frame in JavaScript: quicker here than the library's frame decoder, and bounded. */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const frame = readFrameHeader(bytes)
  const bound = outputBound(bytes, frame)
  const out = Buffer.allocUnsafe(Math.min(bound, maxBytes))
  let at = 0
  let from = frame.blocksAt
  for (;;) {
    const word = bytes.readUInt32LE(from)
    from += 4
    if (word === 0) break
    const size = word % STORED_BIT
    const block = bytes.subarray(from, from + size)
    from += size
    if (frame.blockChecksums) {
      if (bytes.readUInt32LE(from) !== xxhash32(block))
        throw corrupt('lz4', `block checksum wrong at byte ${from}`)
      from += 4
    }
    const limit = Math.min(out.length, at + frame.blockBytesMax)
    const end = word >= STORED_BIT ? copyStored(block, out, at, limit) : decodeBlock(block, out, at, limit)
    if (end === undefined)
      throw limit === maxBytes ? beyondLimit('lz4', maxBytes) : corrupt('lz4', 'block too large')
    at = end
  }
  return checked(bytes, from, frame, out, at)
}

function copyStored(block: Buffer, out: Buffer, at: number, limit: number): number | undefined {
  return block.length > limit - at ? undefined : at + block.copy(out, at)
}

/** Walks the block lengths, so that all of them lie inside the input, and sums up what they can yield at most. */
function outputBound(bytes: Buffer, frame: Lz4Frame): number {
  const trailer = frame.blockChecksums ? 4 : 0
  let bound = 0
  for (let at = frame.blocksAt; ; ) {
    if (at + 4 > bytes.length) throw corrupt('lz4', `frame cut at byte ${at}`)
    const word = bytes.readUInt32LE(at)
    if (word === 0) return bound
    const size = word % STORED_BIT
    at += 4 + size + trailer
    if (at > bytes.length) throw corrupt('lz4', `block of ${size} bytes is cut`)
    bound += Math.min(frame.blockBytesMax, size * EXPANSION_MAX)
  }
}

function checked(bytes: Buffer, from: number, frame: Lz4Frame, out: Buffer, size: number): Buffer {
  const result = out.subarray(0, size)
  if (frame.contentBytes !== undefined && frame.contentBytes !== size) {
    throw corrupt('lz4', `frame promises ${frame.contentBytes} bytes and holds ${size}`)
  }
  if (frame.contentChecksum) {
    if (from + 4 > bytes.length) throw corrupt('lz4', 'content checksum cut')
    if (bytes.readUInt32LE(from) !== xxhash32(result)) throw corrupt('lz4', 'content checksum wrong')
  }
  // A result that needs little of what was reserved should not keep all of it alive.
  return size * 2 < out.length ? Buffer.from(result) : result
}
