import { type FieldTable, ZERO_UUID } from './schema.ts'

const EMPTY_BYTES = Buffer.alloc(0)

/** Makes the value a field has when nobody sets it; a fresh one each time where it could be changed in place. */
export function defaultMaker(field: FieldTable): () => unknown {
  if (field.default !== undefined) {
    const value = field.default
    return () => value
  }
  if (field.type.startsWith('[]')) return () => []
  if (field.type === 'struct') return structDefaultMaker(field.fields ?? [])
  const zero = zeroOf(field.type)
  return () => zero
}

/** Makes a struct in which every field has its default. */
export function structDefaultMaker(fields: readonly FieldTable[]): () => Record<string, unknown> {
  const makers = fields.map((field) => [field.name, defaultMaker(field)] as const)
  return () => {
    const struct: Record<string, unknown> = {}
    for (const [name, make] of makers) struct[name] = make()
    return struct
  }
}

/** Whether a value given for a field means the same as not giving it. */
export function defaultTest(field: FieldTable): (value: unknown) => boolean {
  if (field.default !== undefined) {
    const expected = field.default
    return (value) => value === undefined || value === expected
  }
  if (field.type === 'struct') {
    const tests = (field.fields ?? []).map((inner) => [inner.name, defaultTest(inner)] as const)
    return (value) => value === undefined || isDefaultStruct(value, tests)
  }
  if (field.type.startsWith('[]') || field.type === 'bytes' || field.type === 'records') {
    return (value) => value === undefined || isEmpty(value)
  }
  const zero = zeroOf(field.type)
  return (value) => value === undefined || value === zero
}

function isDefaultStruct(
  value: unknown,
  tests: readonly (readonly [string, (value: unknown) => boolean])[],
): boolean {
  if (value === null) return false
  const struct = value as Record<string, unknown>
  return struct.unknownTags === undefined && tests.every(([name, test]) => test(struct[name]))
}

function isEmpty(value: unknown): boolean {
  return value !== null && (value as ArrayLike<unknown>).length === 0
}

function zeroOf(type: string): unknown {
  if (type === 'string') return ''
  if (type === 'bool') return false
  if (type === 'uuid') return ZERO_UUID
  if (type === 'bytes' || type === 'records') return EMPTY_BYTES
  return 0
}
