import { KmcError, messageOf } from '../base/error.ts'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import { ClientError, isClientError } from './errors.ts'
import { speaksPlainKafka, speaksTls } from './probe.ts'
import { sniffProtocol } from './sniff.ts'
import type { TlsSettings } from './tls.ts'

type Attempt = { readonly address: Address; readonly tls?: TlsSettings | undefined }

/**
 * Says why a connection could not be opened, in the words of whoever has to mend it. A peer that closes without a
 * word is asked once more, without secrets, whether it speaks the other of TLS and plain text.
 */
export async function explainFailure(
  error: unknown,
  attempt: Attempt,
  bytesReceived: number,
): Promise<KmcError> {
  const where = formatAddress(attempt.address)
  if (isClientError(error, 'MALFORMED_RESPONSE')) return notKafka(error, where, attempt.tls !== undefined)
  if (isClientError(error, 'CONNECTION_LOST') && bytesReceived === 0)
    return explainSilence(error, attempt, where)
  if (error instanceof KmcError) return error
  return new ClientError('CONNECTION_LOST', `Opening a connection to ${where} failed: ${messageOf(error)}`, {
    cause: error,
  })
}

async function explainSilence(
  error: ClientError,
  { address, tls }: Attempt,
  where: string,
): Promise<ClientError> {
  if (tls === undefined && (await speaksTls(address))) {
    return new ClientError('NOT_KAFKA', `${where} speaks TLS, but no \`tls\` is configured.`, {
      remedy:
        'Configure `tls`, with its ca unless that is a public one, or use the port of a listener without TLS.',
      cause: error,
      context: { address: where, speaks: 'TLS' },
    })
  }
  if (tls !== undefined && (await speaksPlainKafka(address))) {
    return new ClientError(
      'NOT_KAFKA',
      `${where} is a Kafka listener without TLS, but \`tls\` is configured.`,
      {
        remedy:
          'Use the port of the TLS listener, or remove `tls` if the way to the broker is safe without it.',
        cause: error,
        context: { address: where, speaks: 'plain Kafka' },
      },
    )
  }
  return error
}

function notKafka(error: ClientError, where: string, hasTls: boolean): ClientError {
  const { firstBytes } = error.context
  const speaks = typeof firstBytes === 'string' ? sniffProtocol(Buffer.from(firstBytes, 'hex')) : null
  const isTls = speaks === 'TLS' && !hasTls
  const guess = speaks === null ? 'does not answer as a Kafka broker' : `speaks ${speaks}, not Kafka`
  const message = isTls
    ? `${where} speaks TLS, but no \`tls\` is configured.`
    : `${where} ${guess}: ${error.message}`
  return new ClientError('NOT_KAFKA', message, {
    cause: error,
    context: { ...error.context, address: where, speaks },
  })
}
