import { wireError } from '../errors.ts'

/**
 * Reads the fields of records from the (decompressed) record section of a batch. Every length is checked
 * against what is left. One cursor serves all records, so that walking a batch allocates nothing.
 * Errors: BATCH_MALFORMED.
 */
export class RecordCursor {
  readonly bytes: Buffer
  at = 0
  /** Where the record being read ends. */
  end = 0
  attributes = 0
  timestampDelta = 0
  offsetDelta = 0
  /** Where key, value and headers begin: the length of the key. */
  bodyAt = 0

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** Whether all records are read. */
  done(): boolean {
    return this.at >= this.bytes.length
  }

  /** Steps into the next record: reads its length, attributes and deltas, and stands at its body. */
  enter(): void {
    this.end = this.bytes.length
    const size = this.int32()
    if (size < 0 || size > this.end - this.at) throw this.malformed(`record of ${size} bytes`)
    this.end = this.at + size
    this.attributes = this.byte()
    this.timestampDelta = this.int64()
    this.offsetDelta = this.int32()
    this.bodyAt = this.at
  }

  /** Steps behind the record, whatever was read of it. */
  leave(): void {
    this.at = this.end
  }

  /** Bytes with their length before them; -1 is null. */
  nullableBytes(): Buffer | null {
    const size = this.int32()
    if (size === -1) return null
    if (size < 0 || size > this.end - this.at) throw this.malformed(`field of ${size} bytes`)
    const from = this.at
    this.at = from + size
    return this.bytes.subarray(from, this.at)
  }

  /** A count of things that take at least `minBytes` each. */
  count(minBytes: number): number {
    const count = this.int32()
    if (count < 0 || count * minBytes > this.end - this.at) throw this.malformed(`count of ${count}`)
    return count
  }

  /** A zigzag varint of at most 32 bits. */
  int32(): number {
    const bytes = this.bytes
    let value = 0
    for (let shift = 0; shift < 35 && this.at < this.end; shift += 7) {
      const byte = bytes[this.at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw this.malformed('varint does not end')
  }

  /** A zigzag varint of at most 64 bits; beyond 2^53 it is refused. */
  int64(): number {
    const bytes = this.bytes
    let value = 0
    let weight = 1
    for (let i = 0; i < 10 && this.at < this.end; i++, weight *= 128) {
      const byte = bytes[this.at++]!
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return this.fromZigzag(value)
    }
    throw this.malformed('varint does not end')
  }

  malformed(what: string): Error {
    return wireError(
      'BATCH_MALFORMED',
      `${what} at byte ${this.at} of the records, ${this.end - this.at} left`,
    )
  }

  private byte(): number {
    if (this.at >= this.end) throw this.malformed('record cut')
    return this.bytes[this.at++]!
  }

  private fromZigzag(value: number): number {
    if (value <= 0x7fffffff) return (value >>> 1) ^ -(value & 1)
    if (!Number.isSafeInteger(value))
      throw wireError('WIRE_INT64_UNSAFE', `delta at byte ${this.at} lies beyond 2^52`)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}
