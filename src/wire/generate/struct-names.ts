import type { FieldSpec } from './spec.ts'

/** The TypeScript names of a message's structs, by Kafka's names for them. */
export type StructNames = ReadonlyMap<
  string,
  { readonly name: string; readonly fields: readonly FieldSpec[] }
>

/** Names every struct inside a message; a struct used in several places has one name and one shape. */
export function structNames(message: string, api: string, fields: readonly FieldSpec[]): StructNames {
  const names = new Map<string, { name: string; fields: readonly FieldSpec[] }>()
  collect(fields, message, api, names)
  return names
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
