import { type FieldTable, NO_BYTES, ZERO_UUID } from './schema.ts'

/** What is written for a field that the caller leaves out. */
export function defaultOf(field: FieldTable): unknown {
  if (field.default !== undefined) return field.default
  if (field.type.startsWith('[]')) return NOTHING
  if (field.type === 'struct') return EMPTY_STRUCT
  // Kafka's generator gives records no other default than null.
  if (field.type === 'records' && field.nullable !== undefined) return null
  return zeroOf(field.type)
}

/** Whether a value given for a field means the same as not giving it. */
export function defaultTest(field: FieldTable): (value: unknown) => boolean {
  if (field.type === 'struct' && field.default === undefined) return structTest(field.fields ?? [])
  const expected = defaultOf(field)
  if (expected === NOTHING || expected === NO_BYTES) return (value) => value === undefined || isEmpty(value)
  return (value) => value === undefined || value === expected
}

const NOTHING: readonly unknown[] = []
/** Writing a struct out of no fields writes all their defaults. */
const EMPTY_STRUCT = {}

function structTest(fields: readonly FieldTable[]): (value: unknown) => boolean {
  const tests = fields.map((field) => ({ name: field.name, isDefault: defaultTest(field) }))
  return (value) => {
    if (value === undefined) return true
    if (value === null) return false
    const struct = value as Record<string, unknown>
    return struct.unknownTags === undefined && tests.every(({ name, isDefault }) => isDefault(struct[name]))
  }
}

function isEmpty(value: unknown): boolean {
  return value !== null && (value as ArrayLike<unknown>).length === 0
}

function zeroOf(type: string): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (type === 'uuid') return ZERO_UUID
  if (type === 'bytes' || type === 'records') return NO_BYTES
  return 0
}
