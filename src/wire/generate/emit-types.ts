import { formatRange } from './range.ts'
import type { FieldSpec } from './spec.ts'

const PRIMITIVES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  string: 'string',
  uuid: 'string',
  bytes: 'Buffer',
  records: 'Buffer',
}

/** The TypeScript types of a message and of the structs inside it, as source. */
export function emitTypes(
  message: string,
  api: string,
  fields: readonly FieldSpec[],
  doc: string,
  flexible: boolean,
): string {
  const names = new Map<string, { name: string; fields: readonly FieldSpec[] }>()
  collect(fields, message, api, names)
  const blocks = [typeBlock(message, fields, names, doc, flexible)]
  for (const { name, fields: inner } of names.values())
    blocks.push(typeBlock(name, inner, names, undefined, flexible))
  return blocks.join('\n')
}

function collect(
  fields: readonly FieldSpec[],
  message: string,
  api: string,
  names: Map<string, { name: string; fields: readonly FieldSpec[] }>,
): void {
  for (const field of fields) {
    if (field.struct === undefined || field.fields === undefined) continue
    const known = names.get(field.struct)
    if (known === undefined) {
      const taken = [...names.values()].map((entry) => entry.name)
      names.set(field.struct, { name: typeName(field.struct, message, api, taken), fields: field.fields })
    } else if (JSON.stringify(known.fields) !== JSON.stringify(field.fields)) {
      throw new Error(`${message}: struct ${field.struct} has two shapes`)
    }
    collect(field.fields, message, api, names)
  }
}

/** `FetchTopic` in FetchRequest becomes FetchRequestTopic: the message's name once, then what is special. */
function typeName(struct: string, message: string, api: string, taken: readonly string[]): string {
  for (const prefix of [message, api]) {
    const rest = struct.startsWith(prefix) ? struct.slice(prefix.length) : ''
    const name = message + rest
    if (/^[A-Z]/.test(rest) && !taken.includes(name)) return name
  }
  return message + struct
}

function typeBlock(
  name: string,
  fields: readonly FieldSpec[],
  names: ReadonlyMap<string, { name: string }>,
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

function fieldType(field: FieldSpec, names: ReadonlyMap<string, { name: string }>): string {
  const element = field.struct === undefined ? undefined : names.get(field.struct)!.name
  const bare = field.type.startsWith('[]') ? field.type.slice(2) : field.type
  const single = element ?? PRIMITIVES[bare] ?? 'number'
  const type = field.type.startsWith('[]') ? `${single}[]` : single
  return field.nullable === undefined && field.default !== null ? type : `${type} | null`
}
