import { corrupt } from './failure.ts'

const MATCH_MIN = 4
/** Short copies are quicker in a loop than through a native call. */
const LOOP_MAX = 24

/**
 * Decodes one LZ4 block (LZ4 block format) from `source` into `out` at `at`, and gives the position behind the
 * last byte written. Matches may reach back to the start of `out`, so blocks that depend on earlier ones work.
 * `undefined`: the block does not fit before `limit`. Errors: COMPRESSION_CORRUPT.
 */
export function decodeBlock(source: Buffer, out: Buffer, at: number, limit: number): number | undefined {
  const end = source.length
  let from = 0
  while (from < end) {
    const token = source[from++]!
    let literals = token >> 4
    if (literals === 15) {
      for (let byte = 255; byte === 255; literals += byte) {
        if (from >= end) throw corrupt('lz4', 'literal length cut')
        byte = source[from++]!
      }
    }
    if (literals > end - from) throw corrupt('lz4', 'literals cut')
    if (literals > limit - at) return undefined
    if (literals <= LOOP_MAX) for (let i = 0; i < literals; i++) out[at + i] = source[from + i]!
    else source.copy(out, at, from, from + literals)
    at += literals
    from += literals
    if (from === end) return at

    if (end - from < 2) throw corrupt('lz4', 'match offset cut')
    const distance = source[from]! | (source[from + 1]! << 8)
    from += 2
    if (distance === 0 || distance > at)
      throw corrupt('lz4', `match reaches back ${distance} bytes from ${at}`)
    let match = token & 15
    if (match === 15) {
      for (let byte = 255; byte === 255; match += byte) {
        if (from >= end) throw corrupt('lz4', 'match length cut')
        byte = source[from++]!
      }
    }
    match += MATCH_MIN
    if (match > limit - at) return undefined
    at = copyMatch(out, at, distance, match)
  }
  throw corrupt('lz4', 'block ends without literals')
}

/** Repeats `length` bytes from `distance` back; the two ranges may overlap, which repeats a pattern. */
function copyMatch(out: Buffer, at: number, distance: number, length: number): number {
  const end = at + length
  if (length <= LOOP_MAX) {
    for (let i = at; i < end; i++) out[i] = out[i - distance]!
    return end
  }
  // Each copy doubles the pattern, so that no copy overlaps itself.
  let from = at - distance
  let to = at
  while (to < end) {
    const step = Math.min(to - from, end - to)
    out.copyWithin(to, from, from + step)
    to += step
    if (to - from > 0x10000) from = to - distance
  }
  return end
}
