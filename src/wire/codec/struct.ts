import { wireError } from '../errors.ts'
import { defaultOf, defaultTest } from './defaults.ts'
import type { Reader } from './reader.ts'
import { type FieldTable, inRange, isTagged } from './schema.ts'
import { type TagField, tagReader, tagWriter } from './tags.ts'
import {
  arrayCodec,
  bytesCodec,
  nullableStructCodec,
  primitiveCodec,
  textCodec,
  type ValueCodec,
} from './values.ts'
import type { Writer } from './writer.ts'

/** What a struct is compiled for. */
export type Target = { readonly version: number; readonly flexible: boolean }

type ReadTags = (reader: Reader, struct: Record<string, unknown>) => void
type WriteTags = (writer: Writer, struct: Record<string, unknown>) => void

/** A field that one version has, outside its tagged fields. */
type Slot = { readonly name: string; readonly codec: ValueCodec; readonly fallback: unknown }
/** A field that one version lacks and that may not be dropped. */
type Absent = { readonly name: string; readonly isDefault: (value: unknown) => boolean }

/**
 * Turns a table into the codec of one version. Decoded structs start as `make()` leaves them, so that all of
 * one kind have the same fields and shape, whatever the version; those it lacks keep their defaults.
 */
export function structCodec(fields: readonly FieldTable[], make: () => object, target: Target): ValueCodec {
  const slots: Slot[] = []
  const tags: TagField[] = []
  const absent: Absent[] = []
  for (const field of fields) {
    if (!inRange(field.versions, target.version)) {
      if (field.ignorable !== true) absent.push({ name: field.name, isDefault: defaultTest(field) })
    } else if (isTagged(field, target.version)) {
      tags.push(tagField(field, target))
    } else {
      slots.push({ name: field.name, codec: fieldCodec(field, target), fallback: defaultOf(field) })
    }
  }
  const readTags = target.flexible ? tagReader(tags) : undefined
  const writeTags = target.flexible ? tagWriter(tags) : undefined
  const minSize = slots.reduce((sum, slot) => sum + slot.codec.minSize, target.flexible ? 1 : 0)
  return {
    minSize,
    read: structReader(slots, make as () => Record<string, unknown>, readTags),
    write: structWriter(slots, absent, writeTags),
  }
}

function structReader(
  slots: readonly Slot[],
  make: () => Record<string, unknown>,
  readTags: ReadTags | undefined,
): (reader: Reader) => unknown {
  const count = slots.length
  const names = slots.map((slot) => slot.name)
  const reads = slots.map((slot) => slot.codec.read)
  return (reader) => {
    const struct = make()
    for (let i = 0; i < count; i++) struct[names[i]!] = reads[i]!(reader)
    if (readTags !== undefined) readTags(reader, struct)
    return struct
  }
}

function structWriter(
  slots: readonly Slot[],
  absent: readonly Absent[],
  writeTags: WriteTags | undefined,
): (writer: Writer, value: unknown) => void {
  const count = slots.length
  const names = slots.map((slot) => slot.name)
  const writes = slots.map((slot) => slot.codec.write)
  const fallbacks = slots.map((slot) => slot.fallback)
  return (writer, value) => {
    if (typeof value !== 'object' || value === null) throw writer.misfit('a struct', value)
    const struct = value as Record<string, unknown>
    for (let i = 0; i < absent.length; i++) {
      const { name, isDefault } = absent[i]!
      if (!isDefault(struct[name])) throw cannotCarry(writer, name)
    }
    for (let i = 0; i < count; i++) {
      const given = struct[names[i]!]
      writes[i]!(writer, given === undefined ? fallbacks[i] : given)
    }
    if (writeTags !== undefined) writeTags(writer, struct)
  }
}

/** Kafka's rule: what a version cannot carry may be dropped only where the schema calls the field ignorable. */
function cannotCarry(writer: Writer, name: string): Error {
  return wireError('WIRE_FIELD_NOT_IN_VERSION', `${writer.what} cannot carry ${name}`)
}

/** The codec of a field as it stands in one version, tagged or not. */
function fieldCodec(field: FieldTable, target: Target): ValueCodec {
  const name = field.name
  const compact = target.flexible && field.flexible !== 'none'
  const nullable = inRange(field.nullable, target.version)
  if (!field.type.startsWith('[]'))
    return elementCodec(field, field.type, { name, compact, nullable }, target)
  const elementForm = { name: `element of ${name}`, compact, nullable: false }
  const element = elementCodec(field, field.type.slice(2), elementForm, target)
  return arrayCodec({ name, compact, nullable }, element)
}

function elementCodec(
  field: FieldTable,
  type: string,
  form: { name: string; compact: boolean; nullable: boolean },
  target: Target,
): ValueCodec {
  if (type === 'string') return textCodec(form)
  if (type === 'bytes' || type === 'records') return bytesCodec(form, type === 'records')
  if (type === 'struct') {
    const struct = structCodec(field.fields!, field.make!, target)
    return form.nullable ? nullableStructCodec(struct) : struct
  }
  const primitive = primitiveCodec(type)
  if (primitive === undefined) throw new TypeError(`table of ${field.name}: no type ${type}`)
  return primitive
}

function tagField(field: FieldTable, target: Target): TagField {
  const codec = fieldCodec(field, target)
  return {
    name: field.name,
    tag: field.tag!,
    read: codec.read,
    write: codec.write,
    isDefault: defaultTest(field),
  }
}
