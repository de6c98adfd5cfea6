import type { Caller } from './caller.ts'
import type { Proof } from './proof.ts'

/** Who may come in. */
export type Door = {
  /** Before anything else is looked at. @throws HOST_NOT_ALLOWED, TLS_NEEDED */
  admit(proof: Proof): void
  /**
   * Who asks; null when nothing says so.
   * @throws SIGN_IN_NEEDED when what was sent proves nothing, FORGERY_SUSPECTED
   */
  identify(proof: Proof): Caller | null
}
