import { corrupt } from './failure.ts'

/** Short copies are quicker in a loop than through a native call. */
const LOOP_MAX = 24

/**
 * Decodes the elements of one raw snappy block (Snappy format description, after its preamble) from `from` on
 * into `out`, which they must fill exactly. Errors: COMPRESSION_CORRUPT.
 */
export function decodeSnappyBlock(source: Buffer, from: number, out: Buffer): void {
  const end = source.length
  let at = 0
  while (from < end) {
    const tag = source[from++]!
    if ((tag & 3) === 0) {
      const extra = (tag >> 2) - 59
      let length = (tag >> 2) + 1
      if (extra > 0) {
        if (extra > end - from) throw corrupt('snappy', 'literal length cut')
        length = source.readUIntLE(from, extra) + 1
        from += extra
      }
      if (length > end - from || length > out.length - at) throw corrupt('snappy', 'literal too long')
      if (length > LOOP_MAX) source.copy(out, at, from, from + length)
      else for (let i = 0; i < length; i++) out[at + i] = source[from + i]!
      at += length
      from += length
      continue
    }
    const kind = tag & 3
    const offsetBytes = kind === 3 ? 4 : kind
    if (offsetBytes > end - from) throw corrupt('snappy', 'copy cut')
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1
    const distance = distanceOf(source, from, tag)
    from += offsetBytes
    if (distance === 0 || distance > at)
      throw corrupt('snappy', `copy reaches back ${distance} bytes from ${at}`)
    if (length > out.length - at) throw corrupt('snappy', 'copy too long')
    // At most 64 bytes, and byte by byte, since source and destination may overlap.
    for (const stop = at + length; at < stop; at++) out[at] = out[at - distance]!
  }
  if (at !== out.length) throw corrupt('snappy', `block promises ${out.length} bytes and holds ${at}`)
}

function distanceOf(source: Buffer, from: number, tag: number): number {
  const kind = tag & 3
  if (kind === 1) return ((tag & 0xe0) << 3) | source[from]!
  const low = source[from]! | (source[from + 1]! << 8)
  return kind === 2 ? low : (low | (source[from + 2]! << 16) | (source[from + 3]! << 24)) >>> 0
}
