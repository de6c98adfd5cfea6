import { isUtf8 } from 'node:buffer'
import { cliError } from '../errors.ts'

/** How bytes of keys, values and headers are written as text. */
export const encodings = ['utf8', 'hex', 'base64'] as const
export type Encoding = (typeof encodings)[number]

/**
 * Bytes in JSON. With `utf8`, bytes that are no UTF-8 become `{"base64": "…"}`, so that nothing is lost and what was
 * consumed can be produced again byte by byte. With `hex` and `base64` every field is a string in that encoding.
 */
export type JsonField = string | { readonly base64: string } | null

export function toField(bytes: Buffer | null, encoding: Encoding): JsonField {
  if (bytes === null) return null
  if (encoding !== 'utf8') return bytes.toString(encoding)
  return isUtf8(bytes) ? bytes.toString('utf8') : { base64: bytes.toString('base64') }
}

/** The bytes of a field; INPUT_UNREADABLE naming `where` for what is no field or not in the encoding. */
export function fromField(field: unknown, encoding: Encoding, where: string): Buffer | null {
  if (field === null || field === undefined) return null
  if (typeof field === 'string') return fromText(field, encoding, where)
  if (isBase64Object(field)) return fromText(field.base64, 'base64', where)
  // A number or an object as a value is what people mean as JSON text.
  if (encoding === 'utf8') return Buffer.from(JSON.stringify(field))
  throw cliError('INPUT_UNREADABLE', `${where} is not a string in ${encoding}`)
}

function isBase64Object(field: unknown): field is { readonly base64: string } {
  if (typeof field !== 'object' || field === null) return false
  const keys = Object.keys(field)
  return (
    keys.length === 1 && keys[0] === 'base64' && typeof (field as { base64: unknown }).base64 === 'string'
  )
}

/** The bytes that a text stands for. Node skips what it does not understand; here it is an error. */
export function fromText(text: string, encoding: Encoding, where: string): Buffer {
  const pattern = { hex: /^([0-9a-f]{2})*$/i, base64: /^[A-Za-z0-9+/]*={0,2}$/, utf8: /(?:)/ }[encoding]
  if (!pattern.test(text))
    throw cliError('INPUT_UNREADABLE', `${where} is not ${encoding}: ${text.slice(0, 40)}`)
  return Buffer.from(text, encoding)
}
