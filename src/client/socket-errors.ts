import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import { ClientError, type ClientErrorCode } from './errors.ts'

/** TLS alerts by which a broker refuses the client's certificate; OpenSSL's names as Node reports them. */
const CLIENT_CERTIFICATE_ALERTS =
  /CERTIFICATE_(REQUIRED|UNKNOWN|EXPIRED|REVOKED)|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED/
/** OpenSSL's words for bytes that are no TLS record. */
const NOT_TLS = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE/

const codesBySystemCode: Readonly<Record<string, Exclude<ClientErrorCode, 'KAFKA_ERROR'>>> = {
  ECONNREFUSED: 'CONNECTION_REFUSED',
  EHOSTUNREACH: 'CONNECTION_REFUSED',
  ENETUNREACH: 'CONNECTION_REFUSED',
  EADDRNOTAVAIL: 'CONNECTION_REFUSED',
  ENOTFOUND: 'HOST_UNKNOWN',
  EAI_AGAIN: 'HOST_UNKNOWN',
  EAI_FAIL: 'HOST_UNKNOWN',
  EAI_NODATA: 'HOST_UNKNOWN',
  ETIMEDOUT: 'CONNECT_TIMEOUT',
}

/** Makes the error of a socket into one of this room's; `phase` says what the socket was doing. */
export function socketError(error: unknown, address: Address, phase: 'connecting' | 'in use'): ClientError {
  if (error instanceof ClientError) return error
  const code = systemCode(error)
  const where = formatAddress(address)
  const detail = describe(error)
  const fail = (as: Exclude<ClientErrorCode, 'KAFKA_ERROR'>, message: string): ClientError =>
    new ClientError(as, message, { cause: error, context: { address: where, systemCode: code } })
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return tlsError(`${code} ${detail}`, where, fail)
  const known = codesBySystemCode[code]
  if (phase === 'connecting' && known !== undefined)
    return fail(known, `Cannot connect to ${where}: ${detail}.`)
  return fail('CONNECTION_LOST', `The connection to ${where} broke: ${detail}.`)
}

function tlsError(
  detail: string,
  where: string,
  fail: (as: 'NOT_KAFKA' | 'AUTHENTICATION_FAILED' | 'TLS_FAILED', message: string) => ClientError,
): ClientError {
  if (detail.includes('ALERT') && CLIENT_CERTIFICATE_ALERTS.test(detail)) {
    return fail(
      'AUTHENTICATION_FAILED',
      `${where} wants a client certificate and did not accept tls.certificate: ${detail}.`,
    )
  }
  if (NOT_TLS.test(detail)) {
    return fail('NOT_KAFKA', `${where} does not speak TLS, but \`tls\` is configured: ${detail}.`)
  }
  return fail('TLS_FAILED', `The TLS handshake with ${where} failed: ${detail}.`)
}

/** Node tries all addresses of a name and puts the failures into one AggregateError without a message. */
function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join('; ')
  if (!(error instanceof Error)) return String(error)
  // OpenSSL's full text carries source file names and addresses; its reason is what a person can use.
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
  return reason.trim()
}

function systemCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  return 'code' in error && typeof error.code === 'string' ? error.code : ''
}
