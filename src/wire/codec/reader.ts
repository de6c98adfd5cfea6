import { wireError } from '../errors.ts'

const INT64_HIGH_MAX = 0x1fffff
/** Long.MAX_VALUE and Long.MIN_VALUE as numbers: sentinels of Kafka's, each the only int64 read as its double. */
export const INT64_MAX = 2 ** 63
export const INT64_MIN = -(2 ** 63)

/**
 * Reads Kafka's primitive types from a buffer; big-endian, every read checked against what is left.
 * `bytes` results are views into the buffer, never copies. Errors: WIRE_TRUNCATED, WIRE_LENGTH_OUT_OF_RANGE,
 * WIRE_VARINT_OVERLONG, WIRE_INT64_UNSAFE.
 */
export class Reader {
  readonly buffer: Buffer
  readonly view: DataView
  at: number
  /** Exclusive; narrowed while a tagged field is read. */
  end: number
  /** What is being read, for error messages: `FetchResponse v12`. */
  what: string

  constructor(buffer: Buffer, what: string, at = 0) {
    this.buffer = buffer
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    this.at = at
    this.end = buffer.length
    this.what = what
  }

  remaining(): number {
    return this.end - this.at
  }

  /** Takes `size` bytes and gives the position where they begin. */
  take(size: number): number {
    const at = this.at
    if (size > this.end - at) throw this.truncated(size)
    this.at = at + size
    return at
  }

  int8(): number {
    return this.view.getInt8(this.take(1))
  }

  bool(): boolean {
    return this.view.getInt8(this.take(1)) !== 0
  }

  int16(): number {
    return this.view.getInt16(this.take(2))
  }

  uint16(): number {
    return this.view.getUint16(this.take(2))
  }

  int32(): number {
    return this.view.getInt32(this.take(4))
  }

  uint32(): number {
    return this.view.getUint32(this.take(4))
  }

  float64(): number {
    return this.view.getFloat64(this.take(8))
  }

  int64(): number {
    const at = this.take(8)
    const high = this.view.getInt32(at)
    const low = this.view.getUint32(at + 4)
    if (high > INT64_HIGH_MAX || high < -INT64_HIGH_MAX) return this.extremeInt64(high, low, at)
    return high * 0x100000000 + low
  }

  uuid(): string {
    const at = this.take(16)
    return this.buffer.toString('base64url', at, at + 16)
  }

  /** Unsigned LEB128 of at most 32 bits (KIP-482). */
  uvarint(): number {
    const first = this.view.getUint8(this.take(1))
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.view.getUint8(this.take(1))
      if (shift === 28 && byte > 0x0f) break
      value = (value | ((byte & 0x7f) << shift)) >>> 0
      if (byte < 0x80) return value
    }
    throw wireError(
      'WIRE_VARINT_OVERLONG',
      `${this.what}: varint at byte ${this.at} does not end within 32 bits`,
    )
  }

  /** A string of `size` bytes; Kafka allows at most 32767 of them (Short.MAX_VALUE). */
  text(size: number): string {
    if (size > 0x7fff) throw this.outOfRange('string length', size)
    const at = this.take(size)
    return this.buffer.toString('utf8', at, at + size)
  }

  /** The next `size` bytes as a view. */
  bytes(size: number): Buffer {
    const at = this.take(size)
    return this.buffer.subarray(at, at + size)
  }

  /** Checks an element count before anything is allocated for it: each element needs at least `minSize` bytes. */
  count(count: number, minSize: number): number {
    if (count * minSize > this.end - this.at) throw this.outOfRange('element count', count)
    return count
  }

  /** Throws WIRE_TRAILING_BYTES unless everything was read. */
  finish(): void {
    if (this.at === this.end) return
    throw wireError(
      'WIRE_TRAILING_BYTES',
      `${this.what}: ${this.end - this.at} bytes left over at byte ${this.at}`,
    )
  }

  outOfRange(noun: string, value: number): Error {
    const left = this.end - this.at
    return wireError(
      'WIRE_LENGTH_OUT_OF_RANGE',
      `${this.what}: ${noun} ${value} at byte ${this.at}, ${left} bytes left`,
    )
  }

  unexpectedNull(name: string): Error {
    return wireError('WIRE_UNEXPECTED_NULL', `${this.what}: ${name} is null at byte ${this.at}`)
  }

  private truncated(size: number): Error {
    const left = this.end - this.at
    return wireError('WIRE_TRUNCATED', `${this.what}: ${size} bytes wanted at byte ${this.at}, ${left} left`)
  }

  private extremeInt64(high: number, low: number, at: number): number {
    if (high === 0x7fffffff && low === 0xffffffff) return INT64_MAX
    if (high === -0x80000000 && low === 0) return INT64_MIN
    if (high === -INT64_HIGH_MAX - 1 && low > 0) return high * 0x100000000 + low
    throw wireError('WIRE_INT64_UNSAFE', `${this.what}: 64-bit number at byte ${at} lies beyond ±(2^53-1)`)
  }
}
