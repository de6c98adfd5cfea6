import { serverError } from '../errors.ts'

/** How keys and values stand in JSON. */
export type Format = 'binary' | 'json' | 'avro' | 'jsonschema' | 'protobuf'

export const formats: readonly Format[] = ['binary', 'json', 'avro', 'jsonschema', 'protobuf']

/** Of what holds no keys and values. */
const PLAIN = 'application/vnd.kafka.v2+json'

const typeOf = (format: Format): string => `application/vnd.kafka.${format}.v2+json`

const typed = new Map(formats.map((format) => [typeOf(format), format]))
const ANY: ReadonlySet<string> = new Set(['*/*', 'application/*', ''])
const JSON_TYPE = 'application/json'

type Header = string | readonly string[] | undefined

/** The format that a body of records is in. @throws MEDIA_TYPE_UNKNOWN */
export function formatOfBody(contentType: Header): Format {
  const format = typed.get(bare(contentType))
  if (format !== undefined) return format
  throw serverError('MEDIA_TYPE_UNKNOWN', `records do not come as "${contentType ?? ''}"`)
}

/** A body without records may be called by any of the names, or by none. @throws MEDIA_TYPE_UNKNOWN */
export function checkBodyType(contentType: Header): void {
  const type = bare(contentType)
  if (type === '' || type === PLAIN || type === JSON_TYPE || typed.has(type)) return
  throw serverError('MEDIA_TYPE_UNKNOWN', `the body does not come as "${type}"`)
}

/** The type of an answer without records: what is accepted first of the names it may have. @throws NOT_ACCEPTABLE */
export function answerType(accept: Header): string {
  for (const type of accepted(accept)) {
    if (ANY.has(type)) return PLAIN
    if (type === PLAIN || type === JSON_TYPE || typed.has(type)) return type
  }
  throw serverError('NOT_ACCEPTABLE', `there is no answer in "${accept}"`)
}

/** The type of an answer with records of a format. @throws FORMAT_MISMATCH, NOT_ACCEPTABLE */
export function recordsType(accept: Header, format: Format): string {
  const types = accepted(accept)
  const own = typeOf(format)
  if (types.some((type) => type === own || type === PLAIN || ANY.has(type))) return own
  const other = types.find((type) => typed.has(type))
  if (other === undefined) throw serverError('NOT_ACCEPTABLE', `there are no records in "${accept}"`)
  throw serverError('FORMAT_MISMATCH', `the consumer instance has the format ${format}, not "${other}"`)
}

/** The types of an Accept header, the liked ones first; of equals the first. */
function accepted(accept: Header): string[] {
  const parts = String(accept ?? '*/*').split(',')
  const weighed = parts.map((part) => ({
    type: bare(part),
    weight: Number(/;\s*q=([\d.]+)/.exec(part)?.[1] ?? 1),
  }))
  return weighed
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ type }) => type)
}

/** Without parameters. */
function bare(type: Header): string {
  return String(type ?? '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase()
}
