import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Secret } from '../../base/secret.ts'
import { SCRAM_ITERATIONS_MAX, SCRAM_ITERATIONS_MIN } from '../limits.ts'
import { authenticationFailed, type SaslExchange } from './exchange.ts'
import { escapeUsername, readServerFinal, readServerFirst } from './scram-message.ts'

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512'

type ScramHash = { readonly name: 'sha256' | 'sha512'; readonly bytes: number }
type ScramState = 'start' | 'sent-first' | 'sent-final' | 'complete' | 'failed'

const NONCE_BYTES = 24
/** "n,," without channel binding, in base64 (RFC 5802 section 7). */
const CHANNEL_BINDING = 'c=biws'
const GS2_HEADER = 'n,,'

const hashes: Readonly<Record<ScramMechanism, ScramHash>> = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
}

const pbkdf2Async = promisify(pbkdf2)

/** Hi(password, salt, iterations) of RFC 5802. Runs off the main thread. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: Secret,
  salt: Buffer,
  iterations: number,
): Promise<Buffer> {
  const { name, bytes } = hashes[mechanism]
  return pbkdf2Async(Buffer.from(password.reveal(), 'utf8'), salt, iterations, bytes, name)
}

/**
 * SASL SCRAM (RFC 5802, RFC 7677; KIP-84) without channel binding.
 *
 * The password is taken as UTF-8 without SASLprep, because Kafka's ScramFormatter.normalize stores it that way.
 * The broker is trusted only after its signature has been compared.
 */
export class ScramExchange implements SaslExchange {
  readonly mechanism: ScramMechanism
  readonly #hash: ScramHash
  readonly #username: string
  readonly #password: Secret
  readonly #nonce: string
  #state: ScramState = 'start'
  #serverSignature: Buffer = Buffer.alloc(0)

  /** `nonce` is given only by tests that replay published vectors. */
  constructor(mechanism: ScramMechanism, username: string, password: Secret, nonce = newNonce()) {
    this.mechanism = mechanism
    this.#hash = hashes[mechanism]
    this.#username = username
    this.#password = password
    this.#nonce = nonce
  }

  get isComplete(): boolean {
    return this.#state === 'complete'
  }

  async first(): Promise<Buffer> {
    this.#state = 'sent-first'
    return Buffer.from(GS2_HEADER + this.#clientFirstBare(), 'utf8')
  }

  async next(challenge: Buffer): Promise<Buffer | null> {
    const state = this.#state
    // Any throw below leaves the exchange unusable.
    this.#state = 'failed'
    const text = challenge.toString('utf8')
    if (state === 'sent-first') return this.#clientFinal(text)
    if (state === 'sent-final') return this.#checkServer(text)
    throw authenticationFailed('The broker sent a SCRAM message where none was due.')
  }

  #clientFirstBare(): string {
    return `n=${escapeUsername(this.#username)},r=${this.#nonce}`
  }

  async #clientFinal(serverFirst: string): Promise<Buffer> {
    const { nonce, salt, iterations } = readServerFirst(serverFirst)
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) {
      throw authenticationFailed('The broker did not extend the SCRAM nonce it was given.')
    }
    if (iterations < SCRAM_ITERATIONS_MIN || iterations > SCRAM_ITERATIONS_MAX) {
      throw authenticationFailed(
        `The broker asks for ${iterations} SCRAM iterations, not ${SCRAM_ITERATIONS_MIN} to ${SCRAM_ITERATIONS_MAX}.`,
        'Set the user’s SCRAM credentials again with an iteration count inside the bounds.',
      )
    }
    const salted = await saltPassword(this.mechanism, this.#password, salt, iterations)
    const withoutProof = `${CHANNEL_BINDING},r=${nonce}`
    const authMessage = `${this.#clientFirstBare()},${serverFirst},${withoutProof}`
    const clientKey = this.#hmac(salted, 'Client Key')
    const storedKey = createHash(this.#hash.name).update(clientKey).digest()
    const proof = xor(clientKey, this.#hmac(storedKey, authMessage))
    this.#serverSignature = this.#hmac(this.#hmac(salted, 'Server Key'), authMessage)
    this.#state = 'sent-final'
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`, 'utf8')
  }

  #checkServer(serverFinal: string): null {
    const message = readServerFinal(serverFinal)
    if ('error' in message)
      throw authenticationFailed(`The broker refused the SCRAM proof: ${message.error}.`)
    const expected = this.#serverSignature
    if (message.signature.length !== expected.length || !timingSafeEqual(message.signature, expected)) {
      throw authenticationFailed(
        'The broker could not prove that it knows the password.',
        'Somebody else may be answering at this address: check the address and use TLS.',
      )
    }
    this.#state = 'complete'
    return null
  }

  #hmac(key: Buffer, text: string): Buffer {
    return createHmac(this.#hash.name, key).update(text, 'utf8').digest()
  }
}

function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64')
}

function xor(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ right[index]!))
}
