import { crc32c as nativeCrc32c } from '@node-rs/crc32'

const POLYNOMIAL_REVERSED = 0x82f63b78
/** Lengths are below 2^31, so at most this many doublings. */
const SHIFTS_MAX = 31

const byteTable = makeByteTable()
const shiftTables: (Int32Array | undefined)[] = []

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) as an unsigned number; `seed` continues an earlier one. */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  return nativeCrc32c(bytes, seed) >>> 0
}

/**
 * The CRC of a text whose beginning was replaced by one of equal length. CRCs are linear: what the prefixes
 * differ by, moved over `tailLength` bytes, is what the wholes differ by. O(log tailLength), no allocation.
 */
export function crc32cPatch(
  crc: number,
  oldPrefixCrc: number,
  newPrefixCrc: number,
  tailLength: number,
): number {
  return (crc ^ crc32cShift(oldPrefixCrc ^ newPrefixCrc, tailLength)) >>> 0
}

/** The CRC of a text made of two, from the CRCs of both and the length of the second. */
export function crc32cCombine(first: number, second: number, secondLength: number): number {
  return (crc32cShift(first, secondLength) ^ second) >>> 0
}

/** Moves a CRC difference over `length` following bytes, as if they were zero; the result is signed. */
export function crc32cShift(difference: number, length: number): number {
  let moved = difference
  let rest = length
  for (let power = 0; rest > 0; power++, rest >>>= 1) {
    if ((rest & 1) === 1) moved = applyTable(shiftTables[power] ?? makeShiftTable(power), moved)
  }
  return moved
}

/** Takes one byte of difference into a CRC difference; start with 0. */
export function crc32cDifference(difference: number, byte: number): number {
  return byteTable[(difference ^ byte) & 0xff]! ^ (difference >>> 8)
}

/** Applies a linear map of 32 bits, given as four tables of 256. */
function applyTable(table: Int32Array, value: number): number {
  return (
    table[value & 0xff]! ^
    table[256 + ((value >>> 8) & 0xff)]! ^
    table[512 + ((value >>> 16) & 0xff)]! ^
    table[768 + (value >>> 24)]!
  )
}

/** The map "move over 2^power zero bytes"; each is the one before applied twice. */
function makeShiftTable(power: number): Int32Array {
  if (power >= SHIFTS_MAX) throw new RangeError(`CRC shift by 2^${power} bytes`)
  const table = new Int32Array(1024)
  const half = power === 0 ? undefined : (shiftTables[power - 1] ?? makeShiftTable(power - 1))
  for (let lane = 0; lane < 4; lane++) {
    for (let byte = 0; byte < 256; byte++) {
      const value = byte << (8 * lane)
      const index = 256 * lane + byte
      table[index] =
        half === undefined ? crc32cDifference(value, 0) : applyTable(half, applyTable(half, value))
    }
  }
  shiftTables[power] = table
  return table
}

function makeByteTable(): Int32Array {
  const table = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let value = byte
    for (let bit = 0; bit < 8; bit++)
      value = (value & 1) === 1 ? (value >>> 1) ^ POLYNOMIAL_REVERSED : value >>> 1
    table[byte] = value
  }
  return table
}
