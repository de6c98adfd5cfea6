import { timingSafeEqual } from 'node:crypto'
import { digestOf } from '../../base/same-text.ts'
import type { Secret } from '../../base/secret.ts'
import { serverError } from '../errors.ts'
import type { Caller } from './caller.ts'

/** Shorter ones could be tried out. */
const TOKEN_CHARACTERS_MIN = 24
const TOKEN_CHARACTERS_MAX = 4096

type Entry = { readonly digest: Buffer; readonly caller: Caller }

/** Tokens with those who may show them. Only their digests are kept. */
export class Tokens {
  readonly #entries: Entry[] = []

  /** @throws SERVER_TOKEN_WEAK */
  add(token: Secret, caller: Caller): void {
    const text = token.reveal()
    if (text.length < TOKEN_CHARACTERS_MIN || text.length > TOKEN_CHARACTERS_MAX) {
      const range = `${TOKEN_CHARACTERS_MIN} to ${TOKEN_CHARACTERS_MAX} characters`
      throw serverError('SERVER_TOKEN_WEAK', `${caller.name}: a token has ${range}`)
    }
    this.#entries.push({ digest: digestOf(text), caller })
  }

  /** Who may show it; every entry is looked at, so that time tells nothing. */
  find(given: string): Caller | null {
    const digest = digestOf(given)
    let found: Caller | null = null
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry.caller
    return found
  }
}
