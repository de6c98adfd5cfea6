import { formatRange } from './range.ts'
import type { FieldSpec } from './spec.ts'
import type { StructNames } from './struct-names.ts'

/** The table of a message's fields as TypeScript source, one field a line. */
export function emitTable(fields: readonly FieldSpec[], names: StructNames, indent: string): string {
  return fields.map((field) => `${indent}${emitField(field, names, indent)},\n`).join('')
}

function emitField(field: FieldSpec, names: StructNames, indent: string): string {
  const parts = [
    `name: '${field.name}'`,
    `type: '${field.type}'`,
    `versions: '${formatRange(field.versions)}'`,
  ]
  if (field.nullable !== undefined) parts.push(`nullable: '${formatRange(field.nullable)}'`)
  if (field.tagged !== undefined) parts.push(`tag: ${field.tag}`)
  const tagged = formatRange(field.tagged)
  if (field.tagged !== undefined && tagged !== formatRange(field.versions)) parts.push(`tagged: '${tagged}'`)
  if (field.default !== undefined) parts.push(`default: ${emitDefault(field.default)}`)
  if (field.ignorable) parts.push('ignorable: true')
  if (field.flexible !== undefined) parts.push(`flexible: '${field.flexible}'`)
  if (field.fields === undefined) return `{ ${parts.join(', ')} }`
  const make = `make: new${names.get(field.struct!)!.name}`
  const inner = emitTable(field.fields, names, `${indent}  `)
  return `{ ${parts.join(', ')}, ${make}, fields: [\n${inner}${indent}] }`
}

/** Long.MAX_VALUE has no exact number; it is written as the power it rounds to, and the codec knows it. */
export function emitDefault(value: string | number | boolean | null): string {
  if (typeof value === 'string') return `'${value}'`
  return value === 2 ** 63 ? '2 ** 63' : String(value)
}
