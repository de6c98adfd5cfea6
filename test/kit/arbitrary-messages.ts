import fc from 'fast-check'
import { type FieldTable, inRange, isTagged, type MessageTable } from '../../src/wire/codec/schema.ts'

/** How large generated messages get: elements per array, characters per text. */
const ARRAY_MAX = 3
const TEXT_MAX = 12
const BYTES_MAX = 40
/** Above all tags that Kafka has given out so far. */
const UNKNOWN_TAG_MIN = 1000

type Struct = Record<string, unknown>

/**
 * Messages of one version as decoding gives them: every field of the table is there; those the version lacks
 * have their defaults, the others any value of their type, with tagged fields and null now and then left out.
 */
export function arbitraryMessage(table: MessageTable, version: number): fc.Arbitrary<Struct> {
  const flexible = table.flexibleFrom !== null && version >= table.flexibleFrom
  return arbitraryStruct(table.fields, table.make as () => Struct, version, flexible)
}

function arbitraryStruct(
  fields: readonly FieldTable[],
  make: () => Struct,
  version: number,
  flexible: boolean,
): fc.Arbitrary<Struct> {
  const known: Record<string, fc.Arbitrary<unknown>> = {}
  for (const field of fields) {
    const name = field.name
    const absent = fc.constant(undefined).map(() => make()[name])
    if (!inRange(field.versions, version)) known[name] = absent
    else if (isTagged(field, version))
      known[name] = fc.oneof(absent, arbitraryField(field, version, flexible))
    else known[name] = arbitraryField(field, version, flexible)
  }
  const struct = fc.record(known, { noNullPrototype: true }) as fc.Arbitrary<Struct>
  if (!flexible) return struct
  return fc.tuple(struct, arbitraryUnknownTags()).map(([base, unknownTags]) => {
    return unknownTags.length === 0 ? base : { ...base, unknownTags }
  })
}

function arbitraryField(field: FieldTable, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  const type = field.type.startsWith('[]') ? field.type.slice(2) : field.type
  const single = type === 'struct' ? arbitraryInner(field, version, flexible) : arbitraryValue(type)
  const value = field.type.startsWith('[]') ? fc.array(single, { maxLength: ARRAY_MAX }) : single
  return inRange(field.nullable, version)
    ? fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, value)
    : value
}

function arbitraryInner(field: FieldTable, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  return arbitraryStruct(field.fields!, field.make as () => Struct, version, flexible)
}

function arbitraryValue(type: string): fc.Arbitrary<unknown> {
  switch (type) {
    case 'bool':
      return fc.boolean()
    case 'int8':
      return fc.integer({ min: -0x80, max: 0x7f })
    case 'int16':
      return fc.integer({ min: -0x8000, max: 0x7fff })
    case 'uint16':
      return fc.integer({ min: 0, max: 0xffff })
    case 'int32':
      return fc.integer({ min: -0x80000000, max: 0x7fffffff })
    case 'uint32':
      return fc.integer({ min: 0, max: 0xffffffff })
    case 'int64':
      return arbitraryInt64()
    case 'float64':
      return fc.double()
    case 'uuid':
      return fc
        .uint8Array({ minLength: 16, maxLength: 16 })
        .map((bytes) => Buffer.from(bytes).toString('base64url'))
    case 'string':
      return fc.string({ unit: 'binary', maxLength: TEXT_MAX })
    case 'bytes':
    case 'records':
      return arbitraryBytes()
    default:
      throw new TypeError(`no arbitrary for ${type}`)
  }
}

/** Safe integers, with Long.MAX_VALUE and Long.MIN_VALUE, which the codec carries too. */
function arbitraryInt64(): fc.Arbitrary<number> {
  return fc.oneof({ weight: 20, arbitrary: fc.maxSafeInteger() }, fc.constantFrom(2 ** 63, -(2 ** 63)))
}

function arbitraryBytes(): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: BYTES_MAX }).map((bytes) => Buffer.from(bytes))
}

function arbitraryUnknownTags(): fc.Arbitrary<{ tag: number; data: Buffer }[]> {
  const number = fc.integer({ min: UNKNOWN_TAG_MIN, max: 0xffffffff })
  const tag = fc.record({ tag: number, data: arbitraryBytes() }, { noNullPrototype: true })
  const tags = fc.uniqueArray(tag, { maxLength: 2, selector: (entry) => entry.tag })
  const sorted = tags.map((list) => list.sort((a, b) => a.tag - b.tag))
  return fc.oneof({ weight: 4, arbitrary: fc.constant<{ tag: number; data: Buffer }[]>([]) }, sorted)
}
