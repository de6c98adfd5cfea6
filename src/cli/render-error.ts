import { inspect } from 'node:util'
import { KmcError } from '../base/error.ts'
import { cliErrors } from './errors.ts'
import { Exit, type ExitCode } from './exit.ts'
import type { Palette } from './terminal/color.ts'

export type ErrorStyle = {
  readonly format: 'text' | 'json'
  readonly debug: boolean
  readonly palette: Palette
}

/** The form of an error under `-o json`: one line on stderr, so that stdout holds results only. */
export type ErrorDocument = {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly remedy: string | null
    readonly context: Readonly<Record<string, unknown>>
  }
}

export function errorDocument(error: unknown): ErrorDocument {
  if (error instanceof KmcError) {
    const { code, message, remedy, context } = error
    return { error: { code, message, remedy: remedy ?? null, context } }
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { error: { code: 'INTERNAL', message, remedy: cliErrors.INTERNAL.remedy, context: {} } }
}

/**
 * The text of anything that was thrown: what, where and why with its code, then what to do. A stack is shown only
 * with --debug. Ends without a line end.
 */
export function renderError(error: unknown, style: ErrorStyle): string {
  const document = errorDocument(error)
  if (style.format === 'json') {
    return JSON.stringify(style.debug ? { ...document, debug: inspect(error) } : document)
  }
  const { code, message, remedy } = document.error
  const label = error instanceof KmcError ? 'error' : 'bug'
  const lines = [`${style.palette.bad(`${label}:`)} ${message} ${style.palette.dim(`[${code}]`)}`]
  if (remedy !== null) lines.push(...remedy.split('\n').map((line) => `  → ${line}`))
  if (style.debug) lines.push(style.palette.dim(inspect(error, { depth: 4 })))
  return lines.join('\n')
}

/** Wrong use and a wrong fleet file are the caller's to mend (2); everything else failed (1). */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof KmcError)) return Exit.failed
  return error.code === 'USAGE' || error.code.startsWith('FLEET_FILE_') ? Exit.wrongUse : Exit.failed
}
