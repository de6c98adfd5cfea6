import { errorBody } from '../error-body.ts'
import { restCodeOf } from '../errors.ts'

/** An error as callers of a path expect it: Confluent's two fields under /v3, kmc's own form elsewhere. */
export function errorShape(path: string, error: unknown): object {
  const body = errorBody(error)
  if (!path.startsWith('/v3/')) return body
  return { error_code: restCodeOf(error), message: body.error.message, kmc: body.error }
}
