import type { Secret } from '../../base/secret.ts'
import { authenticationFailed, type SaslExchange } from './exchange.ts'

/** SASL PLAIN (RFC 4616) with an empty authorization id, as Kafka's PlainSaslServer expects it. */
export class PlainExchange implements SaslExchange {
  readonly mechanism = 'PLAIN'
  readonly #username: string
  readonly #password: Secret
  #isComplete = false

  constructor(username: string, password: Secret) {
    this.#username = username
    this.#password = password
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Throws AUTHENTICATION_FAILED for a NUL inside a part: it would move the border between user and password. */
  async first(): Promise<Buffer> {
    const parts = ['', this.#username, this.#password.reveal()]
    if (parts.some((part) => part.includes('\0'))) {
      throw authenticationFailed(
        'The SASL user name or password contains a NUL character, which PLAIN cannot carry.',
      )
    }
    return Buffer.from(parts.join('\0'), 'utf8')
  }

  async next(): Promise<null> {
    this.#isComplete = true
    return null
  }
}
