import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** An X.509 certificate with its key, both PEM. */
export type TestCertificate = {
  readonly commonName: string
  readonly certificate: string
  readonly key: string
  readonly privateKey: KeyObject
}

export type CertificateOptions = {
  readonly commonName: string
  /** Who signs it; left out: itself. */
  readonly issuer?: TestCertificate
  /** DNS names and IPv4 addresses it is for; left out: it is an authority. */
  readonly names?: readonly string[]
  readonly notAfter?: Date
}

const DAY_MS = 86_400_000
const OID = {
  commonName: '2.5.4.3',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const
const TAG = {
  bool: 0x01,
  int: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  time: 0x17,
  seq: 0x30,
  set: 0x31,
}

/** Makes a certificate (RFC 5280) with a fresh P-256 key: tests need no openssl and keep no keys in the repository. */
export function makeCertificate({
  commonName,
  issuer,
  names,
  notAfter,
}: CertificateOptions): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(TAG.seq, oid(OID.ecdsaWithSha256))
  const from = new Date(Math.min(Date.now(), (notAfter ?? new Date()).getTime()) - DAY_MS)
  const body = der(
    TAG.seq,
    der(0xa0, der(TAG.int, Buffer.from([2]))),
    der(TAG.int, Buffer.from([0x01, ...randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.commonName ?? commonName),
    der(TAG.seq, time(from), time(notAfter ?? new Date(Date.now() + DAY_MS))),
    distinguishedName(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(TAG.seq, names === undefined ? authorityExtension() : nameExtension(names))),
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const bytes = der(TAG.seq, body, algorithm, der(TAG.bits, Buffer.from([0]), signature))
  const base64 = bytes.toString('base64').replace(/.{64}(?!$)/g, '$&\n')
  const certificate = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { commonName, certificate, key, privateKey }
}

function authorityExtension(): Buffer {
  const isTrue = der(TAG.bool, Buffer.from([0xff]))
  return der(TAG.seq, oid(OID.basicConstraints), isTrue, der(TAG.octets, der(TAG.seq, isTrue)))
}

function nameExtension(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIPv4(name) ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
  )
  return der(TAG.seq, oid(OID.subjectAltName), der(TAG.octets, der(TAG.seq, ...entries)))
}

function distinguishedName(commonName: string): Buffer {
  const attribute = der(TAG.seq, oid(OID.commonName), der(TAG.utf8, Buffer.from(commonName)))
  return der(TAG.seq, der(TAG.set, attribute))
}

/** UTCTime, good until 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14)
  return der(TAG.time, Buffer.from(`${digits}Z`))
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(TAG.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f))
  return digits
}

/** One DER element: tag, length, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents)
  const size = body.length
  // DER has one form for each length, the shortest; Java computes the signature over what it would have written itself.
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >>> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
