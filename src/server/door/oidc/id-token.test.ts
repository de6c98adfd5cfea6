import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { KmcError } from '../../../base/error.ts'
import { type Expected, keyIdOf, type ProviderKey, verifiedClaims } from './id-token.ts'

const nowMs = 1_700_000_000_000
const expected: Expected = { issuer: 'https://login.example.com', clientId: 'kmc', nonce: 'n-1', nowMs }
const good = {
  iss: expected.issuer,
  sub: '42',
  aud: 'kmc',
  exp: nowMs / 1_000 + 300,
  iat: nowMs / 1_000,
  nonce: 'n-1',
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ec384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const ed = generateKeyPairSync('ed25519')

const keys: ProviderKey[] = [
  { kid: 'rsa', alg: null, jwk: rsa.publicKey.export({ format: 'jwk' }) },
  { kid: 'weak', alg: null, jwk: weak.publicKey.export({ format: 'jwk' }) },
  { kid: 'ec', alg: 'ES256', jwk: ec.publicKey.export({ format: 'jwk' }) },
  { kid: 'ec384', alg: null, jwk: ec384.publicKey.export({ format: 'jwk' }) },
  { kid: 'ed', alg: null, jwk: ed.publicKey.export({ format: 'jwk' }) },
  { kid: 'odd', alg: null, jwk: { kty: 'nonsense' } },
]

function part(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

type Signing = {
  readonly alg: string
  readonly kid?: string
  readonly key: KeyObject
  readonly hash: string | null
}

const byRsa: Signing = { alg: 'RS256', kid: 'rsa', key: rsa.privateKey, hash: 'sha256' }

function token(claims: object, { alg, kid, key, hash }: Signing = byRsa, extra: object = {}): string {
  const signed = `${part({ alg, kid, ...extra })}.${part(claims)}`
  const signature = sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

function refuses(given: string, why: RegExp): void {
  assert.throws(
    () => verifiedClaims(given, keys, expected),
    (error) => error instanceof KmcError && error.code === 'OIDC_TOKEN_INVALID' && why.test(error.message),
  )
}

test('a token that is signed and meant for this sign-in gives its claims', () => {
  assert.deepEqual(verifiedClaims(token({ ...good, email: 'ada@example.com' }), keys, expected), {
    ...good,
    email: 'ada@example.com',
  })
  const byEc = { alg: 'ES256', kid: 'ec', key: ec.privateKey, hash: 'sha256' }
  assert.equal(verifiedClaims(token(good, byEc), keys, expected).sub, '42')
  const byEd = { alg: 'EdDSA', key: ed.privateKey, hash: null }
  assert.equal(verifiedClaims(token({ ...good, aud: ['kmc'] }, byEd), keys, expected).sub, '42')
  assert.equal(keyIdOf(token(good)), 'rsa')
})

test('what is not signed by a key pair of the provider is refused', () => {
  const body = part(good)
  refuses(`${part({ alg: 'none' })}.${body}.x`, /algorithm/)
  refuses(`${part({ alg: 'none' })}.${body}.`, /no signed JWT/)
  const head = `${part({ alg: 'HS256', kid: 'rsa' })}.${body}`
  const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' })
  refuses(`${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`, /algorithm/)
  refuses(`${part({ alg: 'constructor', kid: 'rsa' })}.${body}.x`, /algorithm/)
  refuses(
    token(good, { ...byRsa, key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }),
    /no key/,
  )
  refuses(token(good, { ...byRsa, kid: 'missing' }), /no key/)
  refuses(token(good, { alg: 'RS256', kid: 'weak', key: weak.privateKey, hash: 'sha256' }), /no key/)
  refuses(token(good, { alg: 'ES256', kid: 'ec384', key: ec384.privateKey, hash: 'sha256' }), /no key/)
  refuses(token(good, { alg: 'ES256', kid: 'odd', key: ec.privateKey, hash: 'sha256' }), /no key/)
  refuses(token(good, byRsa, { crit: ['b64'] }), /header/)
})

test('what is meant for others, or for another time, is refused', () => {
  const seconds = nowMs / 1_000
  refuses(token({ ...good, iss: 'https://evil.example' }), /another provider/)
  refuses(token({ ...good, aud: 'other' }), /not for this client/)
  refuses(token({ ...good, aud: ['kmc', 'other'] }), /another client/)
  refuses(token({ ...good, azp: 'other' }), /another client/)
  refuses(token({ ...good, exp: seconds - 61 }), /expired/)
  refuses(token({ ...good, iat: seconds + 61 }), /not valid yet/)
  refuses(token({ ...good, nbf: seconds + 61 }), /not valid yet/)
  refuses(token({ ...good, nonce: 'n-2' }), /another sign-in/)
  for (const missing of ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce'] as const) {
    refuses(token({ ...good, [missing]: undefined }), new RegExp(`claim ${missing}`))
  }
})

test('any text is refused, and changing any part of a good token makes it one', () => {
  fc.assert(
    fc.property(fc.string(), (text) => refuses(text, /./)),
    { numRuns: 200 },
  )
  const whole = token(good)
  fc.assert(
    fc.property(fc.nat(whole.length - 3), (at) => {
      const other = whole[at] === 'A' ? 'B' : 'A'
      refuses(whole.slice(0, at) + other + whole.slice(at + 1), /./)
    }),
    { numRuns: 100 },
  )
})
