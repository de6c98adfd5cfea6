import { KmcError } from '../base/error.ts'

/** What came of one item of a call about many: one that failed never hides the others, nor is hidden by them. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: KmcError }

export function succeeded<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function failed(error: KmcError): Outcome<never> {
  return { ok: false, error }
}

/** The value, or the error thrown: for calls about one item. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw outcome.error
}

/** What a promise came to. Anything that is not a KmcError is a bug and is thrown on. */
export async function outcomeOf<T>(promise: Promise<T>): Promise<Outcome<T>> {
  try {
    return succeeded(await promise)
  } catch (error) {
    if (error instanceof KmcError) return failed(error)
    throw error
  }
}
