import { KmcError, messageOf } from '../base/error.ts'
import { type ControlDoor, fetchSignInLink } from './control-client.ts'
import { errorFromBody } from './error-body.ts'
import { serverError } from './errors.ts'

export type FrontCall = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

const TIMEOUT_MS = 30_000

/**
 * Asks the API of the server that one of these processes opened, as an admin: whoever may read their records may. One
 * that leaves the matter to another (`elsewhere`) is passed over.
 * @throws SERVER_NOT_RUNNING, CONTROL_UNREACHABLE, and what the server says
 */
export async function askFront<T>(
  runners: readonly ControlDoor[],
  call: FrontCall,
  elsewhere: string,
): Promise<T> {
  let refused: KmcError | null = null
  for (const runner of runners) {
    const link = await fetchSignInLink(runner)
    if (link === null) continue
    try {
      return (await exchange(new URL(link).origin, runner, call)) as T
    } catch (error) {
      if (!(error instanceof KmcError) || error.code !== elsewhere) throw error
      refused = error
    }
  }
  throw refused ?? serverError('SERVER_NOT_RUNNING', 'no server of this fleet runs on this machine')
}

async function exchange(
  origin: string,
  { token }: ControlDoor,
  { method = 'GET', path, body }: FrontCall,
): Promise<unknown> {
  const answer = await fetch(origin + path, {
    method,
    headers: {
      authorization: `Bearer ${token.reveal()}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: Error) => {
    const why = messageOf(cause.cause ?? cause)
    throw serverError('CONTROL_UNREACHABLE', `the server at ${origin} does not answer: ${why}`, { cause })
  })
  const text = await answer.text()
  const said: unknown = text === '' ? null : JSON.parse(text)
  if (answer.ok) return said
  throw (
    errorFromBody(said) ??
    serverError('CONTROL_UNREACHABLE', `the server answered with HTTP ${answer.status}`)
  )
}
