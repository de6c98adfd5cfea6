import { inspect } from 'node:util'

/**
 * A value that must never be printed. It serialises, inspects and concatenates as `[redacted]`;
 * only `reveal()` gives the text, so every use of a secret can be found by that word.
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '[redacted]'
  }

  toJSON(): string {
    return '[redacted]'
  }

  [inspect.custom](): string {
    return '[redacted]'
  }
}
