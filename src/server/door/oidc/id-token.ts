import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { serverError } from '../../errors.ts'

/** What is asked of an ID token (OpenID Connect Core 1.0, section 3.1.3.7). */
export type Expected = {
  readonly issuer: string
  readonly clientId: string
  readonly nonce: string
  readonly nowMs: number
}

/** A public key of the provider, with the one algorithm that it is used with, where that is said. */
export type ProviderKey = {
  readonly kid: string | null
  readonly alg: string | null
  readonly jwk: JsonWebKey
}

export type Claims = Readonly<Record<string, unknown>>

type Algorithm = {
  readonly keyType: string
  readonly curve?: string
  readonly hash: string | null
  readonly options: object
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const p1363 = { dsaEncoding: 'ieee-p1363' }

/** Signatures with a key pair alone: `none`, and those by a shared secret, are no algorithm here. */
const algorithms: Readonly<Record<string, Algorithm>> = {
  RS256: { keyType: 'rsa', hash: 'sha256', options: {} },
  RS384: { keyType: 'rsa', hash: 'sha384', options: {} },
  RS512: { keyType: 'rsa', hash: 'sha512', options: {} },
  PS256: { keyType: 'rsa', hash: 'sha256', options: pss },
  PS384: { keyType: 'rsa', hash: 'sha384', options: pss },
  PS512: { keyType: 'rsa', hash: 'sha512', options: pss },
  ES256: { keyType: 'ec', curve: 'prime256v1', hash: 'sha256', options: p1363 },
  ES384: { keyType: 'ec', curve: 'secp384r1', hash: 'sha384', options: p1363 },
  EdDSA: { keyType: 'ed25519', hash: null, options: {} },
}

const TOKEN_CHARACTERS_MAX = 64 * 1024
const CLOCKS_APART_MS = 60_000
const RSA_BITS_MIN = 2048

const header = z.object({ alg: z.string(), kid: z.string().optional(), crit: z.never().optional() })
const claims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.union([z.string(), z.array(z.string())]),
  azp: z.string().optional(),
  exp: z.number(),
  iat: z.number(),
  nbf: z.number().optional(),
  nonce: z.string(),
})

/** Which key a token says that it was signed with; null when it says none. @throws OIDC_TOKEN_INVALID */
export function keyIdOf(token: string): string | null {
  return partsOf(token).header.kid ?? null
}

/** The claims of an ID token; signature, issuer, audience, times and nonce are right. @throws OIDC_TOKEN_INVALID */
export function verifiedClaims(token: string, keys: readonly ProviderKey[], expected: Expected): Claims {
  const { header, payload, signed, signature } = partsOf(token)
  const algorithm = Object.hasOwn(algorithms, header.alg) ? algorithms[header.alg]! : null
  if (algorithm === null) throw invalid('its algorithm is not one of those with a key pair')
  const fits = keys.filter(
    ({ kid, alg }) => (header.kid === undefined || kid === header.kid) && (alg ?? header.alg) === header.alg,
  )
  if (!fits.some(({ jwk }) => isSigned(jwk, algorithm, signed, signature))) {
    throw invalid('no key of the provider signed it')
  }
  const said = claims.safeParse(payload)
  if (!said.success) throw invalid(`its claim ${said.error.issues[0]?.path.join('.')} is missing or wrong`)
  checkClaims(said.data, expected)
  return said.data
}

function checkClaims(said: z.output<typeof claims>, { issuer, clientId, nonce, nowMs }: Expected): void {
  const audience = typeof said.aud === 'string' ? [said.aud] : said.aud
  if (said.iss !== issuer) throw invalid('another provider issued it')
  if (!audience.includes(clientId)) throw invalid('it is not for this client')
  if ((audience.length > 1 || said.azp !== undefined) && said.azp !== clientId) {
    throw invalid('it was asked for by another client')
  }
  if (nowMs >= said.exp * 1_000 + CLOCKS_APART_MS) throw invalid('it has expired')
  const begins = Math.max(said.iat, said.nbf ?? 0) * 1_000
  if (begins > nowMs + CLOCKS_APART_MS) throw invalid('it is not valid yet')
  if (said.nonce !== nonce) throw invalid('it answers another sign-in')
}

function partsOf(token: string) {
  const parts = token.length <= TOKEN_CHARACTERS_MAX ? token.split('.') : []
  if (parts.length !== 3 || !parts.every((part) => /^[\w-]+$/.test(part)))
    throw invalid('it is no signed JWT')
  const [head, body, signature] = parts as [string, string, string]
  const said = header.safeParse(json(head))
  if (!said.success) throw invalid('its header is not understood')
  return {
    header: said.data,
    payload: json(body),
    signed: Buffer.from(`${head}.${body}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

function json(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    throw invalid('it is no JSON')
  }
}

function isSigned(jwk: JsonWebKey, algorithm: Algorithm, signed: Buffer, signature: Buffer): boolean {
  const key = publicKey(jwk)
  if (key === null || !fitsKey(key, algorithm)) return false
  return verify(algorithm.hash, signed, { key, ...algorithm.options }, signature)
}

/** A key that is used with another algorithm than its own proves nothing. */
function fitsKey(
  { asymmetricKeyType, asymmetricKeyDetails }: KeyObject,
  { keyType, curve }: Algorithm,
): boolean {
  if (asymmetricKeyType !== keyType) return false
  if (keyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS_MIN
  return curve === undefined || asymmetricKeyDetails?.namedCurve === curve
}

/** A key of a kind that is not known here is none. */
function publicKey(jwk: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return null
  }
}

function invalid(why: string): Error {
  return serverError('OIDC_TOKEN_INVALID', `the provider's ID token is not accepted: ${why}`)
}
