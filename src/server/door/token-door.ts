import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'
import { serverError } from '../errors.ts'
import type { Caller } from './caller.ts'
import type { Door, Proof } from './door.ts'

/** Lets in whoever shows the token of the process, as an admin, under the names of this machine alone. */
export class TokenDoor implements Door {
  readonly #token: Secret

  constructor(token: Secret) {
    this.#token = token
  }

  /** Keeps out web pages that reach the port through a name of their own (DNS rebinding). */
  checkHost(host: string | undefined): void {
    if (/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host ?? '')) return
    throw serverError('HOST_NOT_ALLOWED', 'the Host header does not name this server')
  }

  async identify({ authorization }: Proof): Promise<Caller | null> {
    if (authorization === undefined) return null
    const given = /^Bearer ([\x21-\x7e]{1,256})$/.exec(authorization)?.[1]
    if (given === undefined || !isSame(given, this.#token.reveal())) {
      throw serverError('SIGN_IN_NEEDED', 'the token of the request is not valid')
    }
    return { name: 'local admin', by: 'token', grants: [{ role: 'admin' }] }
  }
}

/** In constant time, over digests, so that its length does not show either. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
