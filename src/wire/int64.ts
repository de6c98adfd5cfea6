import { wireError } from './errors.ts'

const TWO_32 = 0x100000000

/** A signed 64-bit number as the nearest double, exact up to 2^53: for values that are only shown. */
export function int64Nearest(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)
}

/** A signed 64-bit number, exactly; beyond ±(2^53-1) it throws WIRE_INT64_UNSAFE naming `what`. */
export function int64(bytes: Buffer, at: number, what: string): number {
  const value = int64Nearest(bytes, at)
  if (Number.isSafeInteger(value)) return value
  throw wireError('WIRE_INT64_UNSAFE', `${what} ${bytes.readBigInt64BE(at)} lies beyond ±(2^53-1)`)
}

/** Writes a signed 64-bit number in place; it must be a safe integer. */
export function putInt64(bytes: Buffer, at: number, value: number, what: string): void {
  if (!Number.isSafeInteger(value))
    throw wireError('WIRE_VALUE_OUT_OF_RANGE', `${what} ${value} is not a safe integer`)
  bytes.writeInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}
