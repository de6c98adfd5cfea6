import type { Reader } from './reader.ts'
import { Writer } from './writer.ts'

/** A tagged field that the schema does not know, kept as it came. */
export type UnknownTag = { readonly tag: number; readonly data: Buffer }

/** A tagged field of a struct in one version. */
export type TagField = {
  readonly name: string
  readonly tag: number
  readonly read: (reader: Reader) => unknown
  readonly write: (writer: Writer, value: unknown) => void
  readonly isDefault: (value: unknown) => boolean
}

const TAG_BYTES_MIN = 2

/** Reads the tagged fields at the end of a struct (KIP-482); unknown ones are kept under `unknownTags`. */
export function tagReader(
  fields: readonly TagField[],
): (reader: Reader, struct: Record<string, unknown>) => void {
  const byTag = new Map(fields.map((field) => [field.tag, field]))
  return (reader, struct) => {
    const count = reader.uvarint()
    if (count === 0) return
    reader.count(count, TAG_BYTES_MIN)
    for (let i = 0; i < count; i++) {
      const tag = reader.uvarint()
      const size = reader.uvarint()
      if (size > reader.remaining()) throw reader.outOfRange(`size of tag ${tag}`, size)
      const field = byTag.get(tag)
      if (field === undefined) keepUnknown(struct, { tag, data: reader.bytes(size) })
      else struct[field.name] = readWithin(reader, size, field)
    }
  }
}

/** Writes the tagged fields that are not at their defaults and the unknown ones, in the order of their tags. */
export function tagWriter(
  fields: readonly TagField[],
): (writer: Writer, struct: Record<string, unknown>) => void {
  const sorted = [...fields].sort((a, b) => a.tag - b.tag)
  return (writer, struct) => {
    const unknown = struct.unknownTags as readonly UnknownTag[] | undefined
    let count = unknown?.length ?? 0
    for (const field of sorted) if (!field.isDefault(struct[field.name])) count++
    writer.uvarint(count)
    if (count === 0) return
    const tags: UnknownTag[] = unknown === undefined ? [] : [...unknown]
    for (const field of sorted) {
      const value = struct[field.name]
      if (!field.isDefault(value)) tags.push({ tag: field.tag, data: encodeTag(writer.what, field, value) })
    }
    tags.sort((a, b) => a.tag - b.tag)
    for (const { tag, data } of tags) {
      writer.uvarint(tag)
      writer.uvarint(data.length)
      writer.bytes(data)
    }
  }
}

function readWithin(reader: Reader, size: number, field: TagField): unknown {
  const outerEnd = reader.end
  reader.end = reader.at + size
  const value = field.read(reader)
  reader.finish()
  reader.end = outerEnd
  return value
}

function keepUnknown(struct: Record<string, unknown>, tag: UnknownTag): void {
  const kept = struct.unknownTags as UnknownTag[] | undefined
  if (kept === undefined) struct.unknownTags = [tag]
  else kept.push(tag)
}

function encodeTag(what: string, field: TagField, value: unknown): Buffer {
  const inner = new Writer(what)
  field.write(inner, value)
  return inner.finishJoined()
}
