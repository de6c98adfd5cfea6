import { ErrorCode } from '../../wire/error-codes.ts'
import type { SaslConfig } from '../config.ts'
import { KafkaError } from '../errors.ts'
import { SASL_MESSAGE_BYTES_MAX, SASL_ROUNDS_MAX } from '../limits.ts'
import { authenticationFailed, type SaslExchange } from './exchange.ts'
import { createExchange } from './mechanisms.ts'

type HandshakeAnswer = { readonly errorCode: number; readonly mechanisms: readonly string[] }
type AuthenticateAnswer = {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly authBytes: Buffer
  readonly sessionLifetimeMs: number
}

/** The two requests of Kafka's SASL (KIP-43, KIP-152), as the connection sends them. */
export type SaslCalls = {
  readonly handshake: (mechanism: string) => Promise<HandshakeAnswer>
  readonly authenticate: (authBytes: Buffer) => Promise<AuthenticateAnswer>
}

/**
 * Proves who we are, and with SCRAM who the broker is. The same exchange serves the first authentication and each
 * re-authentication (KIP-368). Returns the session's lifetime, 0 when it has no end.
 * Errors: AUTHENTICATION_FAILED, and what the calls throw.
 */
export async function authenticate(
  config: SaslConfig,
  calls: SaslCalls,
  where: string,
): Promise<{ readonly sessionLifetimeMs: number }> {
  const exchange = createExchange(config)
  const offered = await calls.handshake(exchange.mechanism)
  if (offered.errorCode !== 0) throw refusedMechanism(exchange.mechanism, offered, where)
  let message: Buffer | null = await exchange.first()
  let sessionLifetimeMs = 0
  for (let round = 0; message !== null; round++) {
    if (round === SASL_ROUNDS_MAX) throw authenticationFailed(`${where} does not come to an end with SASL.`)
    const answer = await calls.authenticate(message)
    if (answer.errorCode !== 0) throw refused(exchange, answer, where)
    if (answer.authBytes.length > SASL_MESSAGE_BYTES_MAX) {
      throw authenticationFailed(`${where} sent a SASL message of ${answer.authBytes.length} bytes.`)
    }
    sessionLifetimeMs = answer.sessionLifetimeMs
    message = await exchange.next(answer.authBytes)
  }
  if (!exchange.isComplete)
    throw authenticationFailed(`${where} ended SASL ${exchange.mechanism} before its proof.`)
  return { sessionLifetimeMs }
}

function refusedMechanism(mechanism: string, answer: HandshakeAnswer, where: string): Error {
  if (answer.errorCode === ErrorCode.ILLEGAL_SASL_STATE) {
    return authenticationFailed(
      `${where} takes no SASL, but \`sasl\` is configured (${mechanism}).`,
      'Remove `sasl`, or use the port of the listener that takes SASL.',
    )
  }
  const offers = answer.mechanisms.length === 0 ? 'none' : answer.mechanisms.join(', ')
  return authenticationFailed(
    `${where} does not take SASL ${mechanism}; it offers: ${offers}.`,
    'Set sasl.mechanism to one that the broker’s listener offers.',
  )
}

function refused(exchange: SaslExchange, answer: AuthenticateAnswer, where: string): Error {
  const error = new KafkaError(
    answer.errorCode,
    `${where} refused SASL ${exchange.mechanism}`,
    answer.errorMessage,
  )
  return authenticationFailed(`${error.message}.`)
}
