import { serverError } from '../errors.ts'

/** The bytes that a text stands for. Node skips what is no base64; here it is an error. @throws RECORD_INVALID */
export function fromBase64(text: string | null, what: string): Buffer | null {
  if (text === null) return null
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0) return Buffer.from(text, 'base64')
  throw serverError('RECORD_INVALID', `${what} is not base64`)
}
