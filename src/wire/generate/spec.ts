import { readJar } from './jar.ts'
import { parseRange, type Range } from './range.ts'

/** A field as Kafka's schema states it; ranges parsed, struct types resolved to their fields. */
export type FieldSpec = {
  readonly name: string
  /** A primitive or `struct`, with a leading `[]` for arrays. */
  readonly type: string
  /** Kafka's name of the struct, for naming the TypeScript type. */
  readonly struct: string | undefined
  readonly versions: Range
  readonly nullable: Range | undefined
  readonly tagged: Range | undefined
  readonly tag: number | undefined
  readonly default: string | number | boolean | null | undefined
  readonly ignorable: boolean
  readonly flexible: 'none' | undefined
  readonly fields: readonly FieldSpec[] | undefined
}

export type MessageKind = 'request' | 'response' | 'data' | 'header'

/** One schema file of one Kafka release. `versions` is undefined when the release speaks none (any more). */
export type MessageSpec = {
  readonly kind: MessageKind
  readonly name: string
  readonly apiKey: number | undefined
  readonly versions: Range | undefined
  readonly unstableLatest: boolean
  readonly flexibleFrom: number | null
  readonly fields: readonly FieldSpec[]
}

type Json = { readonly [key: string]: unknown }

const FOLDER = 'common/message/'

/** Reads every message schema out of a kafka-clients jar, by file name without its ending. */
export function readSpecs(jar: string): Map<string, MessageSpec> {
  const specs = new Map<string, MessageSpec>()
  for (const [path, text] of readJar(jar, (name) => name.startsWith(FOLDER) && name.endsWith('.json'))) {
    const spec = messageSpec(JSON.parse(stripComments(text)) as Json)
    specs.set(path.slice(FOLDER.length, -'.json'.length), spec)
  }
  return specs
}

/** Removes `//` comments, which Kafka's schemas have and JSON lacks; those inside strings stay. */
export function stripComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*/g, (match) => (match.startsWith('"') ? match : ''))
}

function messageSpec(json: Json): MessageSpec {
  const common = new Map<string, readonly Json[]>()
  for (const struct of (json.commonStructs ?? []) as readonly Json[]) {
    common.set(struct.name as string, struct.fields as readonly Json[])
  }
  const flexible = parseRange(json.flexibleVersions as string | undefined)
  return {
    kind: json.type as MessageKind,
    name: json.name as string,
    apiKey: json.apiKey as number | undefined,
    versions: parseRange(json.validVersions as string),
    unstableLatest: json.latestVersionUnstable === true,
    flexibleFrom: flexible === undefined ? null : flexible.from,
    fields: ((json.fields ?? []) as readonly Json[]).map((field) => fieldSpec(field, common)),
  }
}

function fieldSpec(json: Json, common: ReadonlyMap<string, readonly Json[]>): FieldSpec {
  const stated = (json.type as string).trim()
  const array = stated.startsWith('[]')
  const element = array ? stated.slice(2) : stated
  const struct = /^[A-Z]/.test(element) ? element : undefined
  const inner =
    struct === undefined ? undefined : ((json.fields as readonly Json[] | undefined) ?? common.get(struct))
  if (struct !== undefined && inner === undefined) throw new Error(`struct ${struct} is nowhere defined`)
  const type = struct === undefined ? element : 'struct'
  return {
    name: camelCase(json.name as string),
    type: array ? `[]${type}` : type,
    struct,
    versions: parseRange(json.versions as string)!,
    nullable: parseRange(json.nullableVersions as string | undefined),
    tagged: parseRange(json.taggedVersions as string | undefined),
    tag: json.tag as number | undefined,
    default: defaultOf(json.default, array ? '[]' : type),
    ignorable: json.ignorable === true || json.ignorable === 'true',
    flexible: json.flexibleVersions === 'none' ? 'none' : undefined,
    fields: inner?.map((field) => fieldSpec(field, common)),
  }
}

/** The stated default as a value; undefined when it is what the type has anyway. */
function defaultOf(stated: unknown, type: string): FieldSpec['default'] {
  if (stated === undefined) return undefined
  if (stated === 'null' && type !== 'bool') return null
  if (type === 'string') return stated === '' ? undefined : (stated as string)
  if (type === 'bool') return String(stated) === 'true' ? true : undefined
  if (!/^(u?int\d+|float64)$/.test(type))
    throw new Error(`default ${String(stated)} of type ${type} is not understood`)
  const value = Number(stated)
  return value === 0 ? undefined : value
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
