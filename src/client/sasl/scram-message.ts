import { authenticationFailed } from './exchange.ts'

export type ServerFirst = { readonly nonce: string; readonly salt: Buffer; readonly iterations: number }
export type ServerFinal = { readonly signature: Buffer } | { readonly error: string }

const SALT_BYTES_MAX = 1024
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
/** printable ASCII without the comma (RFC 5802 section 7). */
const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/

/** `=` and `,` have a meaning inside SCRAM messages (RFC 5802 section 5.1, Kafka's ScramFormatter.saslName). */
export function escapeUsername(username: string): string {
  return username.replaceAll('=', '=3D').replaceAll(',', '=2C')
}

/** Reads `r=nonce,s=salt,i=iterations[,extensions]`. Throws AUTHENTICATION_FAILED for anything else. */
export function readServerFirst(text: string): ServerFirst {
  const parts = text.split(',')
  // RFC 5802 section 5.1: a client that does not know a mandatory extension must fail, and kmc knows none.
  if (parts[0]?.startsWith('m=')) throw malformed('it asks for an unknown mandatory extension')
  const nonce = attribute(parts[0], 'r')
  const salt = base64(attribute(parts[1], 's'), 'salt')
  const iterations = attribute(parts[2], 'i')
  if (!NONCE.test(nonce)) throw malformed('its nonce has characters that are not allowed')
  if (salt.length === 0 || salt.length > SALT_BYTES_MAX) throw malformed(`its salt has ${salt.length} bytes`)
  if (!/^[1-9]\d{0,9}$/.test(iterations)) throw malformed('its iteration count is not a number')
  return { nonce, salt, iterations: Number(iterations) }
}

/** Reads `v=signature` or `e=error`. Throws AUTHENTICATION_FAILED for anything else. */
export function readServerFinal(text: string): ServerFinal {
  const head = text.split(',')[0] ?? ''
  if (head.startsWith('e=')) return { error: head.slice(2) }
  return { signature: base64(attribute(head, 'v'), 'signature') }
}

function attribute(part: string | undefined, name: string): string {
  if (part === undefined || !part.startsWith(`${name}=`)) throw malformed(`attribute "${name}" is missing`)
  return part.slice(name.length + 1)
}

function base64(text: string, what: string): Buffer {
  if (!BASE64.test(text)) throw malformed(`its ${what} is not base64`)
  return Buffer.from(text, 'base64')
}

function malformed(why: string): Error {
  return authenticationFailed(`The broker sent a malformed SCRAM message: ${why}.`)
}
