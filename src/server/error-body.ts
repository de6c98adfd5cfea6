import { KmcError } from '../base/error.ts'

/** The JSON form of an error over HTTP. */
export type ErrorBody = {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly remedy: string | null
    readonly retriable: boolean
    readonly context: Readonly<Record<string, unknown>>
  }
}

/** Errors of kmc travel as they are; of a bug nothing but the fact leaves the process. */
export function errorBody(error: unknown): ErrorBody {
  if (!(error instanceof KmcError)) {
    const message = 'the supervisor met an error that nobody expected; its log names it'
    return { error: { code: 'INTERNAL', message, remedy: null, retriable: false, context: {} } }
  }
  const { code, message, retriable, context } = error
  return { error: { code, message, remedy: error.remedy ?? null, retriable, context } }
}

/** The error that a body stands for, or null when it is none. */
export function errorFromBody(body: unknown): KmcError | null {
  const error = (body as Partial<ErrorBody> | null)?.error
  if (typeof error?.code !== 'string' || typeof error.message !== 'string') return null
  return new KmcError(error.code, error.message, {
    ...(typeof error.remedy === 'string' ? { remedy: error.remedy } : {}),
    retriable: error.retriable === true,
    context: typeof error.context === 'object' && error.context !== null ? error.context : {},
  })
}
