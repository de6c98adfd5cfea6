import { randomBytes } from 'node:crypto'
import { digestOf } from '../../base/same-text.ts'

const CODE_VALID_MS = 10 * 60_000
const CODE_BYTES = 32
const CODES_MAX = 20

/** Codes of one-time links: each opens one session, within ten minutes. Only digests are kept. */
export class SignInCodes {
  readonly #now: () => number
  /** When each ends, in the order of making. */
  readonly #codes = new Map<string, number>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** A new code; of too many the oldest ends. */
  make(): string {
    const code = randomBytes(CODE_BYTES).toString('base64url')
    this.#codes.set(keyOf(code), this.#now() + CODE_VALID_MS)
    const [oldest] = this.#codes.keys()
    if (this.#codes.size > CODES_MAX) this.#codes.delete(oldest!)
    return code
  }

  /** Whether the code was good; from now on it is not. */
  use(code: string): boolean {
    const key = keyOf(code)
    const until = this.#codes.get(key)
    this.#codes.delete(key)
    return until !== undefined && this.#now() < until
  }
}

/** Looked up by its digest, so that time tells nothing of the code. */
function keyOf(code: string): string {
  return digestOf(code).toString('base64')
}
