import type { ErrorBody } from '../../../src/server/error-body.ts'

/** What went wrong with a request, in the server's own words where it answered. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly remedy: string | null

  constructor(status: number, code: string, message: string, remedy: string | null) {
    super(message)
    this.status = status
    this.code = code
    this.remedy = remedy
  }
}

export const isSignInNeeded = (error: unknown): boolean => error instanceof ApiError && error.status === 401

/** This server is older than the page's part, or was built without it. */
export const isMissing = (error: unknown): boolean =>
  error instanceof ApiError && error.code === 'ROUTE_NOT_FOUND'

type Ask = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** A token in place of a session: for as long as the tab lives. */
const TOKEN_KEY = 'kmc.token'

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY)
  else sessionStorage.setItem(TOKEN_KEY, token)
}

export const hasToken = (): boolean => sessionStorage.getItem(TOKEN_KEY) !== null

function headersOf(body: unknown): Record<string, string> {
  const token = sessionStorage.getItem(TOKEN_KEY)
  return {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
}

const TIMEOUT_MS = 35_000

/** Asks the server that the page came from. @throws ApiError */
export async function ask<T>(path: string, asked: Ask = {}): Promise<T> {
  const text = await askText(path, asked)
  return (text === '' ? null : JSON.parse(text)) as T
}

/** The same for an answer that is no JSON. @throws ApiError */
export async function askText(path: string, { method = 'GET', body, signal }: Ask = {}): Promise<string> {
  const limits = [AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    signal: AbortSignal.any(limits),
    headers: headersOf(body),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiError(0, 'SERVER_UNREACHABLE', 'kmc does not answer', 'Look whether `kmc up` still runs.')
  })
  const text = await response.text()
  if (!response.ok) throw refusal(response.status, text)
  return text
}

/** Both forms of errors that the server has. */
function refusal(status: number, text: string): ApiError {
  try {
    const said = JSON.parse(text) as { error?: ErrorBody['error']; kmc?: ErrorBody['error'] }
    const { code, message, remedy } = (said.error ?? said.kmc)!
    return new ApiError(status, code, message, remedy ?? null)
  } catch {
    return new ApiError(status, 'NOT_UNDERSTOOD', `the server answered ${status}`, null)
  }
}

/** A path with its parts escaped: path`/v3/clusters/${name}/topics`. */
export function path(texts: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return texts.reduce((all, text, index) => `${all}${encodeURIComponent(parts[index - 1] ?? '')}${text}`)
}
