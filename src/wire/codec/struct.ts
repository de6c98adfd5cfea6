import { wireError } from '../errors.ts'
import { defaultMaker, defaultTest } from './defaults.ts'
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

type FieldReader = (reader: Reader) => unknown
type FieldWriter = { readonly name: string; readonly write: (writer: Writer, value: unknown) => void }

/**
 * Turns a table into the codec of one version. Decoded structs have every field of every version, in the
 * table's order, so that all of one kind share their shape; fields the version lacks hold their defaults.
 */
export function structCodec(fields: readonly FieldTable[], target: Target): ValueCodec {
  const names = fields.map((field) => field.name)
  const readers: FieldReader[] = []
  const writers: FieldWriter[] = []
  const tags: TagField[] = []
  let minSize = target.flexible ? 1 : 0
  for (const field of fields) {
    const present = inRange(field.versions, target.version)
    if (!present || isTagged(field, target.version)) {
      readers.push(defaultMaker(field))
      if (present) tags.push(tagField(field, target))
      else if (field.ignorable !== true) writers.push(refusal(field, target.version))
      continue
    }
    const codec = fieldCodec(field, target)
    readers.push(codec.read)
    writers.push({ name: field.name, write: withDefault(field, codec) })
    minSize += codec.minSize
  }
  const readTags = target.flexible ? tagReader(tags) : undefined
  const writeTags = target.flexible ? tagWriter(tags) : undefined
  return { minSize, read: structReader(names, readers, readTags), write: structWriter(writers, writeTags) }
}

function structReader(
  names: readonly string[],
  readers: readonly FieldReader[],
  readTags: ((reader: Reader, struct: Record<string, unknown>) => void) | undefined,
): (reader: Reader) => unknown {
  const count = names.length
  return (reader) => {
    const struct: Record<string, unknown> = {}
    for (let i = 0; i < count; i++) struct[names[i]!] = readers[i]!(reader)
    if (readTags !== undefined) readTags(reader, struct)
    return struct
  }
}

function structWriter(
  writers: readonly FieldWriter[],
  writeTags: ((writer: Writer, struct: Record<string, unknown>) => void) | undefined,
): (writer: Writer, value: unknown) => void {
  return (writer, value) => {
    if (typeof value !== 'object' || value === null) throw writer.misfit('a struct', value)
    const struct = value as Record<string, unknown>
    for (const field of writers) field.write(writer, struct[field.name])
    if (writeTags !== undefined) writeTags(writer, struct)
  }
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
    const struct = structCodec(field.fields ?? [], target)
    return form.nullable ? nullableStructCodec(struct) : struct
  }
  const primitive = primitiveCodec(type)
  if (primitive === undefined) throw new TypeError(`table of ${field.name}: no type ${type}`)
  return primitive
}

function withDefault(field: FieldTable, codec: ValueCodec): (writer: Writer, value: unknown) => void {
  const fallback = defaultMaker(field)()
  const write = codec.write
  return (writer, value) => write(writer, value === undefined ? fallback : value)
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

/** Kafka's rule: what a version cannot carry may be dropped only where the schema calls the field ignorable. */
function refusal(field: FieldTable, version: number): FieldWriter {
  const isDefault = defaultTest(field)
  const write = (writer: Writer, value: unknown): void => {
    if (isDefault(value)) return
    throw wireError(
      'WIRE_FIELD_NOT_IN_VERSION',
      `${writer.what}: version ${version} cannot carry ${field.name}`,
    )
  }
  return { name: field.name, write }
}
