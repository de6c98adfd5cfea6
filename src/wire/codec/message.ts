import { wireError } from '../errors.ts'
import { Reader } from './reader.ts'
import type { MessageTable } from './schema.ts'
import { structCodec } from './struct.ts'
import type { ValueCodec } from './values.ts'
import { Writer } from './writer.ts'

/**
 * What may be given for encoding a `T`: every field optional, deeply; a missing field takes the schema's default.
 * Bytes may be one buffer or a list of chunks.
 */
export type Input<T> = T extends Buffer
  ? Buffer | readonly Buffer[]
  : T extends readonly (infer Element)[]
    ? readonly Input<Element>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Input<T[Key]> | undefined }
      : T

/** Encodes and decodes one message in every version kmc speaks. Errors: codes WIRE_*. */
export type MessageCodec<T> = {
  /** The table behind it, for tests and documentation. */
  readonly table: MessageTable
  /** `records` are passed on by reference; leave them unchanged until the chunks are sent. */
  encode(version: number, body: Input<T>): Buffer[]
  /** `bytes` holds exactly one message; bytes and records of the result are views into it. */
  decode(version: number, bytes: Buffer): T
  /** Writes the message behind what the writer already holds. */
  write(version: number, writer: Writer, body: Input<T>): void
  /** Reads the message where the reader stands; what follows is left unread. */
  read(version: number, reader: Reader): T
}

/** Compiles a table lazily: each version at its first use, then kept. */
export function messageCodec<T>(table: MessageTable): MessageCodec<T> {
  const compiled: (ValueCodec | undefined)[] = []
  const at = (version: number): ValueCodec => {
    const codec = compiled[version]
    if (codec !== undefined) return codec
    checkVersion(table, version)
    const flexible = table.flexibleFrom !== null && version >= table.flexibleFrom
    const fresh = structCodec(table.fields, table.make, { version, flexible })
    compiled[version] = fresh
    return fresh
  }
  const what = (version: number): string => `${table.name} v${version}`
  return {
    table,
    encode(version, body) {
      const writer = new Writer(what(version))
      at(version).write(writer, body)
      return writer.finish()
    },
    decode(version, bytes) {
      const reader = new Reader(bytes, what(version))
      const body = at(version).read(reader) as T
      reader.finish()
      return body
    },
    write(version, writer, body) {
      writer.what = what(version)
      at(version).write(writer, body)
    },
    read(version, reader) {
      reader.what = what(version)
      return at(version).read(reader) as T
    },
  }
}

function checkVersion({ name, min, max }: MessageTable, version: number): void {
  if (Number.isInteger(version) && version >= min && version <= max) return
  throw wireError(
    'WIRE_UNSUPPORTED_VERSION',
    `${name} v${version} is not spoken, only versions ${min} to ${max}`,
  )
}
