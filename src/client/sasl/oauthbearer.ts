import { messageOf } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import { ClientError } from '../errors.ts'
import { authenticationFailed, type SaslExchange } from './exchange.ts'

export type TokenSource = Secret | (() => Promise<Secret>)

/** Bytes 0x01 separate the key/value pairs (RFC 7628 section 3.1). */
const SEPARATOR = '\x01'
/** b64token of RFC 6750; it also keeps separators out of the message. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/
const REASON_CHARACTERS_MAX = 200

/**
 * SASL OAUTHBEARER (RFC 7628, KIP-255). A function as token source is asked again for every authentication, so that
 * re-authentication (KIP-368) carries a fresh token.
 */
export class OAuthBearerExchange implements SaslExchange {
  readonly mechanism = 'OAUTHBEARER'
  readonly #source: TokenSource
  #state: 'start' | 'sent-token' | 'complete' | 'refused' = 'start'
  #reason = ''

  constructor(source: TokenSource) {
    this.#source = source
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  async first(): Promise<Buffer> {
    const token = (await this.#token()).reveal().trim()
    if (!TOKEN.test(token))
      throw authenticationFailed('The OAUTHBEARER token is empty or not a bearer token.')
    this.#state = 'sent-token'
    return Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${SEPARATOR}`, 'utf8')
  }

  /**
   * An answer with content is the broker's refusal (JSON); RFC 7628 section 3.2.3 wants it acknowledged with 0x01.
   */
  async next(challenge: Buffer): Promise<Buffer | null> {
    if (this.#state === 'refused')
      throw authenticationFailed(`The broker refused the token: ${this.#reason}.`)
    if (challenge.length === 0) {
      this.#state = 'complete'
      return null
    }
    this.#state = 'refused'
    this.#reason = readableReason(challenge)
    return Buffer.from(SEPARATOR)
  }

  /** Whoever issues tokens may be away for a moment, so this failure is worth a retry. */
  async #token(): Promise<Secret> {
    if (typeof this.#source !== 'function') return this.#source
    try {
      return await this.#source()
    } catch (cause) {
      const message = `No OAUTHBEARER token could be had: ${messageOf(cause)}`
      throw new ClientError('AUTHENTICATION_FAILED', message, {
        remedy: 'Check that the issuer of tokens can be reached.',
        retriable: true,
        cause,
      })
    }
  }
}

function readableReason(challenge: Buffer): string {
  const text = challenge.toString('utf8').slice(0, REASON_CHARACTERS_MAX)
  return text.replace(/[^\x20-\x7e]/g, '?')
}
