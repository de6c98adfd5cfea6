import { messageOf } from '../../../base/error.ts'
import { serverError } from '../../errors.ts'

const TIMEOUT_MS = 10_000
const ANSWER_BYTES_MAX = 512 * 1024

/**
 * What a provider answers, as JSON. No redirect is followed, so that it cannot send the server anywhere else, and
 * nothing of the answer goes into an error. @throws OIDC_PROVIDER_UNAVAILABLE, OIDC_REFUSED
 */
export async function fetchJson(what: string, url: string, init: RequestInit = {}): Promise<unknown> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal })
    const bytes = await bodyOf(response)
    if (response.ok) return JSON.parse(bytes.toString())
    if (response.status < 500) throw serverError('OIDC_REFUSED', `${what} refused: HTTP ${response.status}`)
    throw new Error(`HTTP ${response.status}`)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'OIDC_REFUSED') throw error
    const why = error instanceof SyntaxError ? 'its answer is no JSON' : reasonOf(error)
    throw serverError('OIDC_PROVIDER_UNAVAILABLE', `${what} does not answer: ${why}`, {
      retriable: true,
      cause: error,
    })
  }
}

/** Node hides what hindered a fetch in the cause. */
function reasonOf(error: unknown): string {
  const cause = (error as { cause?: unknown }).cause
  return messageOf(cause ?? error)
}

async function bodyOf({ body }: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) throw new Error('its answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
