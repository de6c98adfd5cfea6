import { serverError } from '../errors.ts'
import type { Caller } from './caller.ts'
import { cookieIn, cookieName } from './cookies.ts'
import type { Door } from './door.ts'
import { refuseForgery } from './forgery.ts'
import type { Proof } from './proof.ts'
import type { Sessions } from './sessions.ts'
import type { Tokens } from './tokens.ts'

type FrontDoorParts = {
  readonly isOwnHost: (header: string | undefined) => boolean
  readonly tokens: Tokens
  readonly sessions: Sessions
  /** The port listened at, which names the cookie. */
  readonly port: () => number
}

/** Lets in whoever shows a token, or the cookie of a session that was opened by signing in. */
export class FrontDoor implements Door {
  readonly #parts: FrontDoorParts

  constructor(parts: FrontDoorParts) {
    this.#parts = parts
  }

  admit({ host, isPrivate }: Proof): void {
    if (!this.#parts.isOwnHost(host)) {
      throw serverError('HOST_NOT_ALLOWED', 'the Host header does not name this server')
    }
    if (!isPrivate) throw serverError('TLS_NEEDED', 'the request came in clear over the network')
  }

  identify(proof: Proof): Caller | null {
    const { authorization, cookie, isTls } = proof
    if (authorization !== undefined) return this.#byToken(authorization)
    const id = cookieIn(cookie, cookieName('session', { isTls, port: this.#parts.port() }))
    if (id === null) return null
    const caller = this.#parts.sessions.use(id)
    if (caller === null) throw serverError('SIGN_IN_NEEDED', 'the session has ended')
    refuseForgery(proof)
    return caller
  }

  #byToken(authorization: string): Caller {
    const given = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1]
    const caller = given === undefined ? null : this.#parts.tokens.find(given)
    if (caller === null) throw serverError('SIGN_IN_NEEDED', 'the token of the request is not valid')
    return caller
  }
}
