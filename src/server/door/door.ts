import type { Method } from '../http/route.ts'
import type { Caller } from './caller.ts'

/** The parts of a request by which its sender is known. */
export type Proof = {
  readonly method: Method
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  readonly address: string
}

/** Who may come in. */
export type Door = {
  /** Before anything else is looked at. @throws HOST_NOT_ALLOWED */
  checkHost(host: string | undefined): void
  /** Who asks; null when nothing says so. @throws SIGN_IN_NEEDED when what was sent proves nothing */
  identify(proof: Proof): Promise<Caller | null>
}
