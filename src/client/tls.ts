import type { PeerCertificate, SecureContext, TLSSocket } from 'node:tls'
import { createSecureContext } from 'node:tls'
import { messageOf } from '../base/error.ts'
import type { TlsConfig } from './config.ts'
import { ClientError } from './errors.ts'

/** TLS of one cluster, prepared once: reading certificates for every connection would be slow. */
export type TlsSettings = {
  readonly context: SecureContext
  readonly serverName: string | undefined
  readonly verify: boolean
  /** For errors: whether the configuration names authorities, or the built-in ones were used. */
  readonly hasCa: boolean
}

/** Throws TLS_CONFIG_INVALID when a certificate or key cannot be read. */
export function prepareTls(config: TlsConfig): TlsSettings {
  const { ca, certificate, key, keyPassword } = config
  try {
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca }),
      ...(config.trustsLeaf === true ? { allowPartialTrustChain: true } : {}),
      ...(certificate === undefined ? {} : { cert: certificate }),
      ...(key === undefined ? {} : { key: key.reveal() }),
      ...(keyPassword === undefined ? {} : { passphrase: keyPassword.reveal() }),
    })
    return {
      context,
      serverName: config.serverName,
      verify: config.verify !== false,
      hasCa: ca !== undefined,
    }
  } catch (cause) {
    throw new ClientError('TLS_CONFIG_INVALID', `The TLS settings cannot be used: ${messageOf(cause)}.`, {
      cause,
    })
  }
}

/** Null when the peer's certificate is accepted, else TLS_UNTRUSTED naming the authority that is missing. */
export function checkPeer(socket: TLSSocket, settings: TlsSettings, where: string): ClientError | null {
  if (socket.authorized || !settings.verify) return null
  const code = String(socket.authorizationError)
  const leaf = socket.getPeerCertificate(true)
  const context = {
    address: where,
    tlsCode: code,
    subject: nameOf(leaf.subject),
    issuer: nameOf(leaf.issuer),
  }
  const fail = (why: string, remedy: string): ClientError =>
    new ClientError('TLS_UNTRUSTED', `The certificate of ${where} is not trusted: ${why}.`, {
      remedy,
      context,
    })
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return fail(
        `it is for ${leaf.subjectaltname ?? nameOf(leaf.subject)}, not for this host`,
        'Use an address that the certificate names, or set tls.serverName to a name it carries.',
      )
    case 'CERT_HAS_EXPIRED':
      return fail(`it expired on ${leaf.valid_to}`, 'Renew the broker’s certificate.')
    case 'CERT_NOT_YET_VALID':
      return fail(
        `it is valid from ${leaf.valid_from}`,
        'Check the clocks of this machine and of the broker.',
      )
    default:
      return fail(missingAuthority(leaf, code, settings.hasCa), remedyFor(leaf))
  }
}

function missingAuthority(leaf: PeerCertificate, code: string, hasCa: boolean): string {
  const authority = topOf(leaf)
  const tried = hasCa ? 'the certificates in tls.ca do' : 'the built-in authorities do'
  return `it leads to "${nameOf(authority.issuer)}", which ${tried} not contain (${code})`
}

function remedyFor(leaf: PeerCertificate): string {
  const authority = nameOf(topOf(leaf).issuer)
  return `Give the certificate of "${authority}" (PEM) as tls.ca.`
}

/** The last certificate that the peer sent; its issuer is the authority that would have to be trusted. */
function topOf(leaf: PeerCertificate): PeerCertificate {
  let top = leaf
  // The chain of a self-signed certificate points to itself.
  while ('issuerCertificate' in top) {
    const next = top.issuerCertificate as PeerCertificate | undefined
    if (next === undefined || next.fingerprint256 === top.fingerprint256) break
    top = next
  }
  return top
}

type DistinguishedName = PeerCertificate['subject'] | undefined

function nameOf(name: DistinguishedName): string {
  if (name === undefined) return 'unknown'
  const parts = Object.entries(name).map(
    ([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`,
  )
  return parts.reverse().join(', ')
}
