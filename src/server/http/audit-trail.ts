import type { Change } from './route.ts'

/** A change that somebody asks for. */
export type AskedChange = {
  /** As in the table of routes: `mirror.promote`. */
  readonly action: string
  readonly who: string
  readonly by: 'session' | 'token'
  readonly address: string
  /** What it is about: the parameters of the path. */
  readonly on: Readonly<Record<string, string>>
}

/** How a change ended: null where it was made. */
export type ChangeEnd = { readonly error: unknown; readonly change: Change }

/** Where changes are written down. */
export type AuditTrail = {
  /**
   * Before a change is made: notes that it was asked for. What is given notes how it ended, before the answer goes out.
   * @throws AUDIT_UNAVAILABLE where it cannot be noted, and nothing may be changed without
   */
  begin(asked: AskedChange): Promise<(end: ChangeEnd) => Promise<void>>
  /** A change that somebody who is known was not allowed to make. */
  refused(asked: AskedChange, error: unknown): Promise<void>
}

/** Keeps nothing. */
export const noTrail: AuditTrail = {
  begin: async () => async () => undefined,
  refused: async () => undefined,
}
