import { type Grant, isGranted, isGrantedSomewhere, type Role, type Subject } from './roles.ts'

/** Who asks, as far as it was proved. */
export type Caller = {
  /** For the audit log and for people: `ada@example.com`, `token ci`. */
  readonly name: string
  /** How it was proved. A browser sends a session's cookie by itself, so only those are checked against forgery. */
  readonly by: 'session' | 'token'
  readonly grants: readonly Grant[]
}

export function may(caller: Caller, role: Role, subject: Subject): boolean {
  return isGranted(caller.grants, role, subject)
}

export function maySomewhere(caller: Caller, role: Role, cluster?: string): boolean {
  return isGrantedSomewhere(caller.grants, role, cluster)
}
