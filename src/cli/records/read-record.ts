import { messageOf } from '../../base/error.ts'
import { cliError, usageError } from '../errors.ts'
import { type Encoding, fromField, fromText } from './field.ts'
import type { Line } from './lines.ts'

export type RecordHeader = { readonly key: Buffer; readonly value: Buffer | null }

/** A record to be produced; what is null is decided later (partition by key, timestamp by the clock). */
export type NewRecord = {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
  readonly partition: number | null
  readonly timestamp: number | null
}

export type ReadOptions = {
  readonly format: 'text' | 'json'
  readonly encoding: Encoding
  /** Text before the first one is the key. */
  readonly keySeparator: string | null
  /** For every record that has none of its own. */
  readonly key: Buffer | null
  readonly headers: readonly RecordHeader[]
  /** Empty values are tombstones. */
  readonly emptyIsNull: boolean
}

/** One line of input as a record. Errors: INPUT_UNREADABLE with the line's number. */
export function readRecord(line: Line, options: ReadOptions): NewRecord {
  const record = options.format === 'json' ? fromJsonLine(line, options) : fromTextLine(line, options)
  return options.emptyIsNull && record.value?.length === 0 ? { ...record, value: null } : record
}

function fromTextLine({ bytes, number }: Line, options: ReadOptions): NewRecord {
  const separator = options.keySeparator === null ? null : Buffer.from(options.keySeparator)
  const at = separator === null ? -1 : bytes.indexOf(separator)
  if (separator !== null && at < 0) {
    throw cliError('INPUT_UNREADABLE', `Line ${number} has no key separator "${options.keySeparator}"`)
  }
  const key =
    at < 0 ? options.key : decoded(bytes.subarray(0, at), options.encoding, `The key in line ${number}`)
  const rest = at < 0 ? bytes : bytes.subarray(at + separator!.length)
  const value = decoded(rest, options.encoding, `The value in line ${number}`)
  return { key, value, headers: options.headers, partition: null, timestamp: null }
}

/** Bytes of a text line go as they are unless they stand for others. */
function decoded(bytes: Buffer, encoding: Encoding, where: string): Buffer {
  return encoding === 'utf8' ? bytes : fromText(bytes.toString('latin1').trim(), encoding, where)
}

/** The form that `consume -o json` prints; topic and offset are ignored, unknown names are errors. */
type JsonRecord = Readonly<Record<string, unknown>>
const jsonNames = ['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers']

function fromJsonLine({ bytes, number }: Line, options: ReadOptions): NewRecord {
  const where = `line ${number}`
  const record = parsed(bytes, where)
  const unknown = Object.keys(record).find((name) => !jsonNames.includes(name))
  if (unknown !== undefined) {
    const message = `Unknown name "${unknown}" in ${where}`
    throw cliError('INPUT_UNREADABLE', message, { remedy: `Names are: ${jsonNames.join(', ')}.` })
  }
  const headers = record.headers === undefined ? [] : headersOf(record.headers, options.encoding, where)
  return {
    key: 'key' in record ? fromField(record.key, options.encoding, `The key in ${where}`) : options.key,
    value: fromField(record.value, options.encoding, `The value in ${where}`),
    headers: [...headers, ...options.headers],
    partition: wholeNumber(record.partition, 'partition', where),
    timestamp: wholeNumber(record.timestamp, 'timestamp', where),
  }
}

function parsed(bytes: Buffer, where: string): JsonRecord {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw cliError('INPUT_UNREADABLE', `${where} is not JSON: ${messageOf(error)}`, { cause: error })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonRecord
  const remedy =
    'Each line is an object like {"key": "a", "value": "b"}; --format text takes lines as they are.'
  throw cliError('INPUT_UNREADABLE', `${where} is not a JSON object`, { remedy })
}

function headersOf(value: unknown, encoding: Encoding, where: string): RecordHeader[] {
  const entries = Array.isArray(value)
    ? value.map((header: Readonly<Record<string, unknown>>) => [header?.key, header?.value] as const)
    : typeof value === 'object' && value !== null
      ? Object.entries(value)
      : null
  if (entries === null)
    throw cliError('INPUT_UNREADABLE', `"headers" in ${where} is neither a list nor an object`)
  return entries.map(([name, field]) => {
    const key =
      typeof name === 'string' ? Buffer.from(name) : fromField(name, encoding, `A header's key in ${where}`)
    if (key === null) throw cliError('INPUT_UNREADABLE', `A header in ${where} has no key`)
    return { key, value: fromField(field, encoding, `A header's value in ${where}`) }
  })
}

function wholeNumber(value: unknown, name: string, where: string): number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw cliError('INPUT_UNREADABLE', `"${name}" in ${where} is not a whole number`)
}

/** `name=value` of --header. */
export function parseHeader(text: string): RecordHeader {
  const at = text.indexOf('=')
  if (at < 1) throw usageError(`--header: "${text}" is not name=value`)
  return { key: Buffer.from(text.slice(0, at)), value: Buffer.from(text.slice(at + 1)) }
}
