/** What every error of kmc carries, whichever room threw it. */
export type ErrorContext = Readonly<Record<string, unknown>>

export type ErrorOptions = {
  /** What the operator can do about it; one sentence, printed after the message. */
  readonly remedy?: string
  /** Whether the same call may succeed when repeated unchanged. */
  readonly retriable?: boolean
  /** Facts for `-o json` and logs. Never secrets, never record contents. */
  readonly context?: ErrorContext
  readonly cause?: unknown
}

/**
 * The base of all errors that kmc raises on purpose. `code` is stable and documented in docs/reference/errors.md;
 * `message` says what happened, where and why; `remedy` says what to do. Anything that is not a KmcError is a bug.
 */
export class KmcError extends Error {
  override readonly name: string = 'KmcError'
  readonly code: string
  readonly remedy: string | undefined
  readonly retriable: boolean
  readonly context: ErrorContext

  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.remedy = options.remedy
    this.retriable = options.retriable ?? false
    this.context = options.context ?? {}
  }
}

/** True when repeating the failed call may help; errors that are not ours are never retried. */
export function isRetriable(error: unknown): boolean {
  return error instanceof KmcError && error.retriable
}

/** The one-line text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
