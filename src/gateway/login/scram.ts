import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../../base/secret.ts'
import { type ScramMechanism, saltPassword } from '../../client/sasl/scram.ts'
import type { RouteUser } from '../spec.ts'
import type { ServerExchange } from './exchange.ts'

/** What RFC 5802 lets a server keep of a password. */
type Credential = { readonly salt: Buffer; readonly storedKey: Buffer; readonly serverKey: Buffer }

const ITERATIONS = 4_096
const SALT_BYTES = 18
const NONCE_BYTES = 24
/** No channel binding: the only header that Kafka's clients send. */
const GS2 = /^n,(?:a=[^,]*)?,/

/** Credentials of a route's users, computed when first needed, and invented ones for names that nobody has. */
export class ScramUsers {
  readonly #users: ReadonlyMap<string, RouteUser>
  readonly #known = new Map<string, Promise<Credential>>()
  readonly #secret = randomBytes(SALT_BYTES)

  constructor(users: ReadonlyMap<string, RouteUser>) {
    this.#users = users
  }

  has(name: string): boolean {
    return this.#users.has(name)
  }

  credential(mechanism: ScramMechanism, name: string): Promise<Credential> {
    const user = this.#users.get(name)
    // The same salt each time, so that a name that nobody has looks like any other.
    if (user === undefined) {
      const salt = createHmac('sha256', this.#secret).update(name).digest().subarray(0, SALT_BYTES)
      return derive(mechanism, new Secret(randomBytes(SALT_BYTES).toString('hex')), salt)
    }
    const key = `${mechanism} ${name}`
    const credential = this.#known.get(key) ?? derive(mechanism, user.password, randomBytes(SALT_BYTES))
    this.#known.set(key, credential)
    return credential
  }
}

async function derive(mechanism: ScramMechanism, password: Secret, salt: Buffer): Promise<Credential> {
  const hash = hashOf(mechanism)
  const salted = await saltPassword(mechanism, password, salt, ITERATIONS)
  const clientKey = createHmac(hash, salted).update('Client Key').digest()
  const storedKey = createHash(hash).update(clientKey).digest()
  return { salt, storedKey, serverKey: createHmac(hash, salted).update('Server Key').digest() }
}

const hashOf = (mechanism: ScramMechanism): string => (mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512')

/** SASL SCRAM as a server (RFC 5802, without channel binding; KIP-84). */
export class ScramServer implements ServerExchange {
  user: string | null = null
  readonly #mechanism: ScramMechanism
  readonly #users: ScramUsers
  #first: {
    readonly name: string
    readonly text: string
    readonly nonce: string
    credential: Credential
  } | null = null

  constructor(mechanism: ScramMechanism, users: ScramUsers) {
    this.#mechanism = mechanism
    this.#users = users
  }

  next(message: Buffer): Promise<Buffer | null> {
    const text = message.toString('utf8')
    return this.#first === null ? this.#begin(text) : this.#finish(text)
  }

  async #begin(text: string): Promise<Buffer | null> {
    const header = GS2.exec(text)?.[0]
    if (header === undefined) return null
    const bare = text.slice(header.length)
    const match = /^n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)/.exec(bare)
    if (match === null) return null
    const name = match[1]!.replaceAll('=2C', ',').replaceAll('=3D', '=')
    const nonce = match[2]! + randomBytes(NONCE_BYTES).toString('base64')
    const credential = await this.#users.credential(this.#mechanism, name)
    const answer = `r=${nonce},s=${credential.salt.toString('base64')},i=${ITERATIONS}`
    this.#first = { name, text: `${bare},${answer}`, nonce, credential }
    return Buffer.from(answer)
  }

  async #finish(text: string): Promise<Buffer | null> {
    const { name, text: exchanged, nonce, credential } = this.#first!
    const match = /^(c=[^,]+,r=([^,]+)(?:,[^,]+)*),p=([A-Za-z0-9+/=]+)$/.exec(text)
    if (match === null || match[2] !== nonce || !this.#users.has(name)) return null
    const hash = hashOf(this.#mechanism)
    const authMessage = `${exchanged},${match[1]}`
    const signature = createHmac(hash, credential.storedKey).update(authMessage).digest()
    const proof = Buffer.from(match[3]!, 'base64')
    if (proof.length !== signature.length) return null
    const clientKey = Buffer.from(proof.map((byte, at) => byte ^ signature[at]!))
    if (!timingSafeEqual(createHash(hash).update(clientKey).digest(), credential.storedKey)) return null
    this.user = name
    const verifier = createHmac(hash, credential.serverKey).update(authMessage).digest('base64')
    return Buffer.from(`v=${verifier}`)
  }
}
