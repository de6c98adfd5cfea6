import { request } from 'node:http'
import type { Secret } from '../base/secret.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import { errorFromBody } from './error-body.ts'
import { serverError } from './errors.ts'
import { type ControlCall, requestOf } from './routes.ts'

/** Where a supervisor listens and how to prove that one may ask. */
export type ControlDoor = { readonly port: number; readonly token: Secret }

const ANSWER_BYTES_MAX = 64 * 1024 * 1024
const STATUS_TIMEOUT_MS = 5_000
/** A change may fetch another Kafka, and start or stop many brokers. */
const CHANGE_TIMEOUT_MS = 15 * 60_000

export async function fetchStatus(door: ControlDoor): Promise<FleetStatus> {
  return (await call(door, { kind: 'status' }, STATUS_TIMEOUT_MS)) as FleetStatus
}

/** A link that signs in to the server of this process once; null where it opened none. */
export async function fetchSignInLink(door: ControlDoor): Promise<string | null> {
  const { link } = (await call(door, { kind: 'sign-in-link' }, STATUS_TIMEOUT_MS)) as { link: string | null }
  return link
}

/** Asks for a change and resolves when it has been made. Errors of the supervisor are thrown as its own. */
export async function askFor(
  door: ControlDoor,
  change: Exclude<ControlCall, { kind: 'status' | 'sign-in-link' }>,
): Promise<void> {
  await call(door, change, change.kind === 'stop' ? STATUS_TIMEOUT_MS : CHANGE_TIMEOUT_MS)
}

async function call(door: ControlDoor, what: ControlCall, timeoutMs: number): Promise<unknown> {
  const { status, body } = await exchange(door, what, timeoutMs).catch((cause: Error) => {
    throw serverError('CONTROL_UNREACHABLE', `the supervisor does not answer: ${cause.message}`, {
      retriable: true,
      cause,
    })
  })
  if (status === 200) return body
  throw (
    errorFromBody(body) ?? serverError('CONTROL_UNREACHABLE', `the supervisor answered with HTTP ${status}`)
  )
}

function exchange(
  door: ControlDoor,
  what: ControlCall,
  timeoutMs: number,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...requestOf(what),
      host: '127.0.0.1',
      port: door.port,
      headers: { authorization: `Bearer ${door.token.reveal()}` },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.once('error', reject)
      response.once('end', () => {
        try {
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) })
        } catch (error) {
          reject(error)
        }
      })
    })
    outgoing.end()
  })
}
