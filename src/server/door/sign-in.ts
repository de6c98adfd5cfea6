import type { RoleDeclaration } from '../../fleet/file/server-schema.ts'
import { serverError } from '../errors.ts'
import { Attempts } from './attempts.ts'
import type { Caller } from './caller.ts'
import { cookieIn, cookieName, setCookie } from './cookies.ts'
import { refuseForgery } from './forgery.ts'
import { grantsOf } from './grants.ts'
import { type OidcSignIn, PENDING_MS, type Person } from './oidc/sign-in.ts'
import type { Proof } from './proof.ts'
import { IDLE_MS, type Sessions } from './sessions.ts'
import { SignInCodes } from './sign-in-codes.ts'

type SignInParts = {
  readonly sessions: Sessions
  readonly roles: Readonly<Record<string, RoleDeclaration>>
  /** null where the fleet file names no provider. */
  readonly oidc: OidcSignIn | null
  /** Of the server, as browsers know it, and the port it listens at: known once it listens. */
  readonly place: () => { readonly url: string; readonly port: number }
  readonly now: () => number
  /** Told of everybody who signs in. */
  readonly onSignedIn: (caller: Caller, address: string) => void
}

const ATTEMPTS = { each: 10, all: 200 }

/** Somebody who signed in, with the header that makes the browser remember. */
export type SignedIn = { readonly caller: Caller; readonly cookie: string }

/** Ways to a session: a link that was printed in the terminal, and a provider of OpenID Connect. */
export class SignIn {
  readonly #parts: SignInParts
  readonly #codes: SignInCodes
  readonly #attempts: Attempts

  constructor(parts: SignInParts) {
    this.#parts = parts
    this.#codes = new SignInCodes(parts.now)
    this.#attempts = new Attempts(parts.now, ATTEMPTS)
  }

  get hasOidc(): boolean {
    return this.#parts.oidc !== null
  }

  /** A link that signs in once, within ten minutes. The code is a fragment: browsers send that nowhere. */
  link(): string {
    return `${this.#parts.place().url}/#signin=${this.#codes.make()}`
  }

  /** @throws SIGN_IN_REFUSED, TOO_MANY_ATTEMPTS, FORGERY_SUSPECTED */
  byCode(code: string, proof: Proof): SignedIn {
    refuseForgery(proof)
    this.#countAttempt(proof)
    if (!this.#codes.use(code)) throw serverError('SIGN_IN_REFUSED', 'the link has been used, or is too old')
    return this.#open({ name: 'local admin', by: 'session', grants: [{ role: 'admin' }] }, proof)
  }

  /** Where a browser is sent to sign in, and the cookie it comes back with. */
  async toProvider(proof: Proof): Promise<{ readonly url: string; readonly cookie: string }> {
    this.#countAttempt(proof)
    const { url, browser } = await this.#provider().begin()
    return { url, cookie: this.#pendingCookie(proof, browser, PENDING_MS) }
  }

  /** @throws NO_ROLE, and as `OidcSignIn.finish` */
  async fromProvider(
    back: { readonly state: string; readonly code: string },
    proof: Proof,
  ): Promise<SignedIn & { readonly over: string }> {
    this.#countAttempt(proof)
    const browser = cookieIn(proof.cookie, cookieName('sign-in', this.#cookiePlace(proof)))
    const { name, memberships }: Person = await this.#provider().finish(back, browser)
    const grants = grantsOf(this.#parts.roles, memberships)
    if (grants.length === 0) throw serverError('NO_ROLE', `${name} has no role in this fleet`)
    return { ...this.#open({ name, by: 'session', grants }, proof), over: this.#pendingCookie(proof, '', 0) }
  }

  /** Ends a session, and gives what makes the browser forget it. */
  out(proof: Proof): string {
    const name = cookieName('session', this.#cookiePlace(proof))
    const id = cookieIn(proof.cookie, name)
    if (id !== null) this.#parts.sessions.close(id)
    return setCookie({ name, value: '', maxAgeMs: 0, sameSite: 'Strict', isTls: proof.isTls })
  }

  #open(caller: Caller, proof: Proof): SignedIn {
    const value = this.#parts.sessions.open(caller)
    this.#parts.onSignedIn(caller, proof.address)
    const name = cookieName('session', this.#cookiePlace(proof))
    const { isTls } = proof
    return { caller, cookie: setCookie({ name, value, maxAgeMs: IDLE_MS, sameSite: 'Strict', isTls }) }
  }

  #pendingCookie(proof: Proof, value: string, maxAgeMs: number): string {
    const name = cookieName('sign-in', this.#cookiePlace(proof))
    return setCookie({ name, value, maxAgeMs, sameSite: 'Lax', isTls: proof.isTls })
  }

  #cookiePlace({ isTls }: Proof) {
    return { isTls, port: this.#parts.place().port }
  }

  #countAttempt({ address }: Proof): void {
    if (!this.#attempts.take(address)) {
      throw serverError('TOO_MANY_ATTEMPTS', 'too many attempts to sign in', { retriable: true })
    }
  }

  #provider(): OidcSignIn {
    const { oidc } = this.#parts
    if (oidc === null) throw serverError('OIDC_NOT_SET_UP', 'the fleet file names no provider')
    return oidc
  }
}
