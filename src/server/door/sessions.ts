import { randomBytes } from 'node:crypto'
import { digestOf } from '../../base/same-text.ts'
import type { Caller } from './caller.ts'

/** A session ends this long after its last request … */
export const IDLE_MS = 12 * 3_600_000
/** … and in any case so long after its beginning. */
const LIFE_MS = 7 * 24 * 3_600_000
const SESSIONS_MAX = 1_000
const ID_BYTES = 32

type Session = { readonly caller: Caller; readonly endsAt: number; idleAt: number }

/** Who has signed in. Sessions live in memory: a server that was started again asks for another sign-in. */
export class Sessions {
  readonly #now: () => number
  /** By the digest of the id, least recently used first. */
  readonly #sessions = new Map<string, Session>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Gives what the browser keeps; of too many sessions the one that was not used for longest ends. */
  open(caller: Caller): string {
    const id = randomBytes(ID_BYTES).toString('base64url')
    const now = this.#now()
    this.#sessions.set(keyOf(id), { caller, endsAt: now + LIFE_MS, idleAt: now + IDLE_MS })
    const [idlest] = this.#sessions.keys()
    if (this.#sessions.size > SESSIONS_MAX) this.#sessions.delete(idlest!)
    return id
  }

  /** Whose it is, and from now on for longer; null when it has ended, or never was. */
  use(id: string): Caller | null {
    const key = keyOf(id)
    const session = this.#sessions.get(key)
    if (session === undefined) return null
    this.#sessions.delete(key)
    const now = this.#now()
    if (now >= Math.min(session.endsAt, session.idleAt)) return null
    session.idleAt = now + IDLE_MS
    this.#sessions.set(key, session)
    return session.caller
  }

  close(id: string): void {
    this.#sessions.delete(keyOf(id))
  }
}

function keyOf(id: string): string {
  return digestOf(id).toString('base64')
}
