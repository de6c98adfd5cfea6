import type { Reader } from './reader.ts'
import type { Writer } from './writer.ts'

/** One type in one version: how it is read and written, and the fewest bytes it can take. */
export type ValueCodec = {
  readonly read: (reader: Reader) => unknown
  readonly write: (writer: Writer, value: unknown) => void
  readonly minSize: number
}

const primitives: Readonly<Record<string, ValueCodec>> = {
  bool: { read: (r) => r.bool(), write: (w, v) => w.bool(v as boolean), minSize: 1 },
  int8: { read: (r) => r.int8(), write: (w, v) => w.int8(v as number), minSize: 1 },
  int16: { read: (r) => r.int16(), write: (w, v) => w.int16(v as number), minSize: 2 },
  uint16: { read: (r) => r.uint16(), write: (w, v) => w.uint16(v as number), minSize: 2 },
  int32: { read: (r) => r.int32(), write: (w, v) => w.int32(v as number), minSize: 4 },
  uint32: { read: (r) => r.uint32(), write: (w, v) => w.uint32(v as number), minSize: 4 },
  int64: { read: (r) => r.int64(), write: (w, v) => w.int64(v as number), minSize: 8 },
  float64: { read: (r) => r.float64(), write: (w, v) => w.float64(v as number), minSize: 8 },
  uuid: { read: (r) => r.uuid(), write: (w, v) => w.uuid(v as string), minSize: 16 },
}

/** The codec of a type of fixed size, or undefined for texts, bytes, arrays and structs. */
export function primitiveCodec(type: string): ValueCodec | undefined {
  return primitives[type]
}

type Form = { readonly name: string; readonly compact: boolean; readonly nullable: boolean }

/** A string: int16 length, or an unsigned varint of length + 1 in compact form; null is -1, compact 0. */
export function textCodec({ name, compact, nullable }: Form): ValueCodec {
  return {
    minSize: compact ? 1 : 2,
    read: (r) => {
      const size = compact ? r.uvarint() - 1 : r.int16()
      if (size >= 0) return r.text(size)
      return readNull(r, name, size, nullable)
    },
    write: (w, v) => {
      if (v !== null) w.text(v as string, compact)
      else if (!nullable) throw w.misfit(`${name}, which may not be null`, v)
      else if (compact) w.uvarint(0)
      else w.int16(-1)
    },
  }
}

/**
 * Bytes or records: int32 length, or an unsigned varint of length + 1. Reading gives a view. Writing takes one
 * buffer or a list of them; records go out by reference, other bytes are copied, being few.
 */
export function bytesCodec({ name, compact, nullable }: Form, byReference: boolean): ValueCodec {
  return {
    minSize: compact ? 1 : 4,
    read: (r) => {
      const size = readLength(r, compact)
      return size >= 0 ? r.bytes(size) : readNull(r, name, size, nullable)
    },
    write: (w, v) => {
      if (v === null) return writeNullLength(w, name, compact, nullable)
      if (!Array.isArray(v)) {
        writeLength(w, bytesOf(w, name, v).length, compact)
        putBytes(w, v as Buffer, byReference)
        return
      }
      let size = 0
      for (const part of v) size += bytesOf(w, name, part).length
      writeLength(w, size, compact)
      for (const part of v) putBytes(w, part as Buffer, byReference)
    },
  }
}

/** An array: int32 count or an unsigned varint of count + 1, then the elements. */
export function arrayCodec({ name, compact, nullable }: Form, element: ValueCodec): ValueCodec {
  const { read, write } = element
  const elementMin = Math.max(1, element.minSize)
  return {
    minSize: compact ? 1 : 4,
    read: (r) => {
      const count = readLength(r, compact)
      if (count < 0) return readNull(r, name, count, nullable)
      r.count(count, elementMin)
      const elements: unknown[] = []
      for (let i = 0; i < count; i++) elements.push(read(r))
      return elements
    },
    write: (w, v) => {
      if (v === null) return writeNullLength(w, name, compact, nullable)
      if (!Array.isArray(v)) throw w.misfit(`${name}, which is an array`, v)
      writeLength(w, v.length, compact)
      for (let i = 0; i < v.length; i++) write(w, v[i])
    },
  }
}

/** A struct that may be null: one byte before it, -1 for null and 1 otherwise (KIP-893). */
export function nullableStructCodec(struct: ValueCodec): ValueCodec {
  return {
    minSize: 1,
    read: (r) => (r.int8() < 0 ? null : struct.read(r)),
    write: (w, v) => {
      w.int8(v === null ? -1 : 1)
      if (v !== null) struct.write(w, v)
    },
  }
}

function bytesOf(w: Writer, name: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw w.misfit(`${name}, which holds bytes`, value)
}

function putBytes(w: Writer, bytes: Buffer, byReference: boolean): void {
  if (byReference) w.reference(bytes)
  else w.bytes(bytes)
}

function readLength(r: Reader, compact: boolean): number {
  return compact ? r.uvarint() - 1 : r.int32()
}

function readNull(r: Reader, name: string, length: number, nullable: boolean): null {
  if (length < -1) throw r.outOfRange(`length of ${name}`, length)
  if (!nullable) throw r.unexpectedNull(name)
  return null
}

function writeLength(w: Writer, length: number, compact: boolean): void {
  if (compact) w.uvarint(length + 1)
  else w.int32(length)
}

function writeNullLength(w: Writer, name: string, compact: boolean, nullable: boolean): void {
  if (!nullable) throw w.misfit(`${name}, which may not be null`, null)
  if (compact) w.uvarint(0)
  else w.int32(-1)
}
