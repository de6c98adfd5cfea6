import { ClientError } from '../errors.ts'

/**
 * The client's half of one SASL mechanism, without I/O: messages in, messages out.
 *
 * `first()` gives the opening message. `next(challenge)` takes what the broker answered and gives the next message,
 * or null when the mechanism needs nothing more. The broker is authenticated only once `isComplete` is true, which an
 * empty success answer must not cut short (SCRAM proves the broker in its last message).
 */
export type SaslExchange = {
  readonly mechanism: string
  readonly isComplete: boolean
  first(): Promise<Buffer>
  next(challenge: Buffer): Promise<Buffer | null>
}

/** The error of an exchange in which one side did not accept the other. */
export function authenticationFailed(message: string, remedy?: string): ClientError {
  return new ClientError('AUTHENTICATION_FAILED', message, remedy === undefined ? {} : { remedy })
}
