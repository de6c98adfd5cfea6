import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import { serverError } from '../errors.ts'
import { fromBase64 } from '../records/base64.ts'
import type { Format } from './media.ts'

/** The bytes of a key or value as a format writes it in JSON. @throws RECORD_INVALID, REGISTRY_NEEDED */
export function bytesOf(format: Format, content: unknown, what: string): Buffer | null {
  if (content === null || content === undefined) return null
  if (format === 'json') return Buffer.from(JSON.stringify(content))
  if (format !== 'binary') throw registryNeeded(format)
  if (typeof content === 'string') return fromBase64(content, `the ${what}`)
  throw serverError('RECORD_INVALID', `the ${what} is no text in base64`)
}

/** Bytes as a format shows them in JSON. @throws RECORD_UNREADABLE */
export function shownIn(format: Format, bytes: Buffer | null, record: ConsumedRecord): unknown {
  if (bytes === null) return null
  if (format === 'binary') return bytes.toString('base64')
  try {
    return JSON.parse(bytes.toString())
  } catch {
    const { topic, partition, offset } = record
    const text = `the record at offset ${offset} of ${topic}-${partition} is not ${format}`
    throw serverError('RECORD_UNREADABLE', text, { context: { topic, partition, offset } })
  }
}

export function registryNeeded(format: Format): Error {
  return serverError('REGISTRY_NEEDED', `the format ${format} needs a schema registry; none is known here`)
}
