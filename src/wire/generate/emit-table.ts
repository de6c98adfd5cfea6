import { formatRange } from './range.ts'
import type { FieldSpec } from './spec.ts'

/** The table of a message's fields as TypeScript source, one field a line. */
export function emitTable(fields: readonly FieldSpec[], indent: string): string {
  return fields.map((field) => `${indent}${emitField(field, indent)},\n`).join('')
}

function emitField(field: FieldSpec, indent: string): string {
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
  return `{ ${parts.join(', ')}, fields: [\n${emitTable(field.fields, `${indent}  `)}${indent}] }`
}

/** Long.MAX_VALUE has no exact number; it is written as the power it rounds to, and the codec knows it. */
function emitDefault(value: string | number | boolean | null): string {
  if (typeof value === 'string') return `'${value}'`
  return value === 2 ** 63 ? '2 ** 63' : String(value)
}
