import { isSameText } from '../base/same-text.ts'
import type { Secret } from '../base/secret.ts'
import { serverError } from './errors.ts'

/** The parts of a request that decide whether it may pass. */
export type Credentials = {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly authorization: string | undefined
}

/**
 * Lets a request pass or throws. The Host check keeps out web pages that reach this port through a name of their
 * own (DNS rebinding); no browser has business here, so an Origin is refused whatever it says; the token is
 * compared in constant time, over digests, so that its length does not show either.
 */
export function admit(request: Credentials, door: { readonly port: number; readonly token: Secret }): void {
  const names = [`127.0.0.1:${door.port}`, `localhost:${door.port}`]
  if (request.host === undefined || !names.includes(request.host.toLowerCase())) {
    throw serverError('CONTROL_FORBIDDEN', 'the Host header does not name this endpoint')
  }
  if (request.origin !== undefined) {
    throw serverError('CONTROL_FORBIDDEN', 'requests of web pages are not answered')
  }
  const given = /^Bearer ([\x21-\x7e]{1,256})$/.exec(request.authorization ?? '')?.[1]
  if (given === undefined || !isSameText(given, door.token.reveal())) {
    throw serverError('CONTROL_REFUSED', 'the request carries no valid token')
  }
}
