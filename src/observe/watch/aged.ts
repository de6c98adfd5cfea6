import { KmcError, messageOf } from '../../base/error.ts'

/** Why something could not be asked. `since`: when that began, in milliseconds. */
export type Trouble = {
  readonly code: string
  readonly message: string
  readonly remedy: string | null
  readonly since: number
}

/**
 * The last good answer to a question that is asked again and again. `at`: when it was given; `trouble`: why there has
 * been no newer one, null while there is none. So old data are shown with their age and the reason, never nothing.
 */
export type Aged<T> = {
  readonly value: T | null
  readonly at: number | null
  readonly trouble: Trouble | null
}

export class Kept<T> {
  #aged: Aged<T> = { value: null, at: null, trouble: null }

  get aged(): Aged<T> {
    return this.#aged
  }

  took(value: T, at: number): void {
    this.#aged = { value, at, trouble: null }
  }

  failed(error: unknown, at: number): void {
    this.#aged = { ...this.#aged, trouble: troubleOf(error, this.#aged.trouble?.since ?? at) }
  }
}

export function troubleOf(error: unknown, since: number): Trouble {
  const isOurs = error instanceof KmcError
  const code = isOurs ? error.code : 'UNEXPECTED'
  return { code, message: messageOf(error), remedy: (isOurs && error.remedy) || null, since }
}
