import { emitDefault } from './emit-table.ts'
import { formatRange } from './range.ts'
import type { FieldSpec } from './spec.ts'
import type { StructNames } from './struct-names.ts'

const PRIMITIVES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  string: 'string',
  uuid: 'string',
  bytes: 'Buffer',
  records: 'Buffer',
}

const ZEROS: Readonly<Record<string, string>> = {
  bool: 'false',
  string: "''",
  uuid: 'ZERO_UUID',
  bytes: 'NO_BYTES',
  records: 'NO_BYTES',
}

/** The TypeScript types of a message and of the structs inside it, each with its maker, as source. */
export function emitTypes(
  message: string,
  fields: readonly FieldSpec[],
  names: StructNames,
  doc: string,
  flexible: boolean,
): string {
  const blocks = [typeBlock(message, fields, names, doc, flexible) + maker(message, fields, names)]
  for (const { name, fields: inner } of names.values()) {
    blocks.push(typeBlock(name, inner, names, undefined, flexible) + maker(name, inner, names))
  }
  return blocks.join('\n')
}

function typeBlock(
  name: string,
  fields: readonly FieldSpec[],
  names: StructNames,
  doc: string | undefined,
  flexible: boolean,
): string {
  const lines = fields.map(
    (field) => `  /** ${note(field)} */\n  ${field.name}: ${fieldType(field, names)}\n`,
  )
  if (flexible) lines.push('  unknownTags?: UnknownTag[]\n')
  return `${doc === undefined ? '' : `/** ${doc} */\n`}export type ${name} = {\n${lines.join('')}}\n`
}

/** What a reader of the type wants to know of the wire: type, versions, default. */
function note(field: FieldSpec): string {
  const type = field.struct === undefined ? `${field.type}, ` : ''
  const tag = field.tagged === undefined ? '' : `, tag ${field.tag}`
  const fallback =
    field.default === undefined
      ? ''
      : `, default ${field.default === 2 ** 63 ? '2^63 (Long.MAX_VALUE)' : JSON.stringify(field.default)}`
  return `${type}versions ${formatRange(field.versions)}${tag}${fallback}`
}

function fieldType(field: FieldSpec, names: StructNames): string {
  const element = field.struct === undefined ? undefined : names.get(field.struct)!.name
  const bare = field.type.startsWith('[]') ? field.type.slice(2) : field.type
  const single = element ?? PRIMITIVES[bare] ?? 'number'
  const type = field.type.startsWith('[]') ? `${single}[]` : single
  return field.nullable === undefined && field.default !== null ? type : `${type} | null`
}

/** A function that makes the struct with every field at its default: one literal, so that all share a shape. */
function maker(name: string, fields: readonly FieldSpec[], names: StructNames): string {
  const lines = fields.map((field) => `    ${field.name}: ${makeDefault(field, names)},\n`)
  return `\nfunction new${name}(): ${name} {\n  return {\n${lines.join('')}  }\n}\n`
}

function makeDefault(field: FieldSpec, names: StructNames): string {
  if (field.default !== undefined) return emitDefault(field.default)
  if (field.type.startsWith('[]')) return '[]'
  if (field.struct !== undefined) return `new${names.get(field.struct)!.name}()`
  if (field.type === 'records' && field.nullable !== undefined) return 'null'
  return ZEROS[field.type] ?? '0'
}
