import { wireError } from '../errors.ts'
import { INT64_MAX, INT64_MIN } from './reader.ts'

const FIRST_CHUNK_BYTES = 1024
const CHUNK_BYTES_MAX = 65536
/** Shorter texts are written in JavaScript: the call into native code costs more than the loop. */
const SHORT_TEXT_MAX = 32

/**
 * Writes Kafka's primitive types into a list of chunks that a socket can send with one writev. Big-endian.
 * Chunks are never reused, `reference` passes a buffer on without copying it. Values that do not fit their type
 * throw WIRE_VALUE_OUT_OF_RANGE.
 */
export class Writer {
  /** Bytes written so far, over all chunks. */
  size = 0
  /** What is being written, for error messages. */
  what: string
  private readonly done: Buffer[] = []
  private chunk: Buffer
  private view: DataView
  private from = 0
  private at = 0

  constructor(what: string, firstChunkBytes = FIRST_CHUNK_BYTES) {
    this.what = what
    this.chunk = Buffer.allocUnsafe(firstChunkBytes)
    this.view = new DataView(this.chunk.buffer, this.chunk.byteOffset, firstChunkBytes)
  }

  /** Ends the writing and gives everything as chunks in order. */
  finish(): Buffer[] {
    this.cut()
    return this.done
  }

  /** Like `finish`, joined into one buffer. */
  finishJoined(): Buffer {
    const chunks = this.finish()
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.size)
  }

  int8(value: number): void {
    if (value !== (value << 24) >> 24) throw this.misfit('int8', value)
    const at = this.room(1)
    this.view.setInt8(at, value)
  }

  bool(value: boolean): void {
    const at = this.room(1)
    this.view.setInt8(at, value ? 1 : 0)
  }

  int16(value: number): void {
    if (value !== (value << 16) >> 16) throw this.misfit('int16', value)
    const at = this.room(2)
    this.view.setInt16(at, value)
  }

  uint16(value: number): void {
    if (value !== (value & 0xffff)) throw this.misfit('uint16', value)
    const at = this.room(2)
    this.view.setUint16(at, value)
  }

  int32(value: number): void {
    if (value !== (value | 0)) throw this.misfit('int32', value)
    const at = this.room(4)
    this.view.setInt32(at, value)
  }

  uint32(value: number): void {
    if (value !== value >>> 0) throw this.misfit('uint32', value)
    const at = this.room(4)
    this.view.setUint32(at, value)
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.extremeInt64(value)
      return
    }
    const at = this.room(8)
    this.view.setInt32(at, Math.floor(value / 0x100000000))
    this.view.setUint32(at + 4, value >>> 0)
  }

  float64(value: number): void {
    if (typeof value !== 'number') throw this.misfit('float64', value)
    const at = this.room(8)
    this.view.setFloat64(at, value)
  }

  uuid(value: string): void {
    if (typeof value !== 'string' || value.length !== 22) throw this.misfit('uuid', value)
    const at = this.room(16)
    if (this.chunk.write(value, at, 16, 'base64url') !== 16) throw this.misfit('uuid', value)
  }

  uvarint(value: number): void {
    if (value !== value >>> 0) throw this.misfit('unsigned varint', value)
    let rest = value
    while (rest > 0x7f) {
      const at = this.room(1)
      this.view.setUint8(at, (rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    const at = this.room(1)
    this.view.setUint8(at, rest)
  }

  /** A string with its length before it: a compact length in flexible versions, int16 otherwise. */
  text(value: string, compact: boolean): void {
    if (typeof value !== 'string') throw this.misfit('string', value)
    if (value.length <= SHORT_TEXT_MAX && this.asciiText(value, compact)) return
    const size = Buffer.byteLength(value, 'utf8')
    if (size > 0x7fff)
      throw wireError('WIRE_VALUE_OUT_OF_RANGE', `${this.what}: string of ${size} bytes, 32767 allowed`)
    if (compact) this.uvarint(size + 1)
    else this.int16(size)
    const at = this.room(size)
    this.chunk.write(value, at, size, 'utf8')
  }

  /** Copies bytes. */
  bytes(value: Uint8Array): void {
    const at = this.room(value.length)
    this.chunk.set(value, at)
  }

  /** Passes bytes on by reference; the caller leaves them unchanged until they are sent. */
  reference(value: Buffer): void {
    if (value.length === 0) return
    this.cut()
    this.done.push(value)
    this.size += value.length
  }

  misfit(type: string, value: unknown): Error {
    const shown =
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : `a ${typeof value}`
    return wireError('WIRE_VALUE_OUT_OF_RANGE', `${this.what}: ${shown} does not fit ${type}`)
  }

  /** Makes room for `size` bytes and gives their position in the current chunk. It may be a new one: call it first. */
  private room(size: number): number {
    if (this.at + size > this.chunk.length) this.grow(size)
    const at = this.at
    this.at = at + size
    this.size += size
    return at
  }

  private grow(size: number): void {
    this.cut()
    const bytes = Math.max(size, Math.min(CHUNK_BYTES_MAX, this.chunk.length * 2))
    this.chunk = Buffer.allocUnsafe(bytes)
    this.view = new DataView(this.chunk.buffer, this.chunk.byteOffset, bytes)
    this.from = 0
    this.at = 0
  }

  private cut(): void {
    if (this.at > this.from) this.done.push(this.chunk.subarray(this.from, this.at))
    this.from = this.at
  }

  private asciiText(value: string, compact: boolean): boolean {
    const size = value.length
    const header = compact ? 1 : 2
    const start = this.room(header + size)
    const chunk = this.chunk
    for (let i = 0; i < size; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        this.at -= header + size
        this.size -= header + size
        return false
      }
      chunk[start + header + i] = unit
    }
    if (compact) chunk[start] = size + 1
    else this.view.setInt16(start, size)
    return true
  }

  private extremeInt64(value: number): void {
    if (value !== INT64_MAX && value !== INT64_MIN) throw this.misfit('int64', value)
    const at = this.room(8)
    this.view.setInt32(at, value > 0 ? 0x7fffffff : -0x80000000)
    this.view.setUint32(at + 4, value > 0 ? 0xffffffff : 0)
  }
}
