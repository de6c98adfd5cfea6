import { z } from 'zod'
import { serverError } from '../errors.ts'
import { fromBase64 } from '../records/base64.ts'
import type { NewRecord } from '../records/write.ts'

const data = z.object({
  type: z.enum(['BINARY', 'JSON', 'STRING', 'AVRO', 'JSONSCHEMA', 'PROTOBUF']).nullish(),
  data: z.unknown(),
  schema: z.unknown().optional(),
  schema_id: z.unknown().optional(),
  schema_version: z.unknown().optional(),
  subject: z.unknown().optional(),
  subject_name_strategy: z.unknown().optional(),
})

/** A record to be written, in Confluent's form. */
export const newRecord = z.object({
  partition_id: z.int().min(0).nullish(),
  headers: z
    .array(z.object({ name: z.string().max(10_000), value: z.string().nullish() }))
    .max(1_000)
    .nullish(),
  key: data.nullish(),
  value: data.nullish(),
  timestamp: z.iso.datetime({ offset: true }).nullish(),
})

const told = z.object({ type: z.string(), size: z.int() }).nullable()

/** What is told of a record that was written, or of one that was not. */
export const producedRecord = z.object({
  error_code: z.int(),
  message: z.string().optional(),
  cluster_id: z.string().optional(),
  topic_name: z.string().optional(),
  partition_id: z.int().optional(),
  offset: z.int().optional(),
  timestamp: z.string().nullable().optional(),
  key: told.optional(),
  value: told.optional(),
})

/** A record of a request, ready to be written, and what the answer tells of its parts. */
export type ReadyRecord = NewRecord & {
  readonly told: { readonly key?: z.infer<typeof told>; readonly value?: z.infer<typeof told> }
}

/** @throws RECORD_INVALID, REGISTRY_NEEDED */
export function readRecord(body: z.infer<typeof newRecord>): ReadyRecord {
  const { partition_id: partition = null, headers, timestamp } = body
  const key = readData(body.key, 'key')
  const value = readData(body.value, 'value')
  const read = (headers ?? []).map((header, at) => {
    return { key: header.name, value: fromBase64(header.value ?? null, `the value of header ${at}`) }
  })
  const record = {
    timestamp: timestamp === null || timestamp === undefined ? Date.now() : Date.parse(timestamp),
    key: key.bytes,
    value: value.bytes,
    headers: read,
  }
  return { record, partition, told: { ...toldOf('key', key), ...toldOf('value', value) } }
}

type Read = { readonly type: string | null; readonly bytes: Buffer | null }

function readData(given: z.infer<typeof data> | null | undefined, what: string): Read {
  if (given === null || given === undefined) return { type: null, bytes: null }
  const { type, data: content = null } = given
  if (content === null && type !== 'JSON') return { type: type ?? 'BINARY', bytes: null }
  switch (type) {
    case 'JSON':
      return { type, bytes: Buffer.from(JSON.stringify(content)) }
    case 'STRING':
      if (typeof content === 'string') return { type, bytes: Buffer.from(content) }
      throw serverError('RECORD_INVALID', `the ${what} is of type STRING and no text`)
    case 'BINARY':
      if (typeof content === 'string') return { type, bytes: fromBase64(content, `the ${what}`) }
      throw serverError('RECORD_INVALID', `the ${what} is of type BINARY and no text in base64`)
    default:
      throw serverError('REGISTRY_NEEDED', `the ${what} needs a schema registry; none is known here`)
  }
}

function toldOf(name: 'key' | 'value', { type, bytes }: Read) {
  return type === null ? {} : { [name]: { type, size: bytes?.length ?? 0 } }
}
