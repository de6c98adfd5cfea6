import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import type { FleetStatus } from '../fleet/run/fleet-status.ts'
import { admit } from './access.ts'
import { errorBody } from './error-body.ts'
import { httpStatusOf } from './errors.ts'
import { type ClusterAction, type ControlCall, route } from './routes.ts'

/** What the endpoint drives: the supervisor of this process. Calls resolve when what was asked has been done. */
export type ControlTarget = {
  status(): FleetStatus
  /** Begins to end everything; the process follows by itself. */
  stop(): void
  /** Reads again what was applied, and starts and stops what differs. */
  reconcile(): Promise<void>
  cluster(name: string, action: ClusterAction): Promise<void>
  /** A link that signs in to the server once; null where that is not open. */
  signInLink(): string | null
}

export type ControlServer = { readonly port: number; close(): Promise<void> }

const CONNECTIONS_MAX = 64
const HEADERS_BYTES_MAX = 8 * 1024
const REQUEST_TIMEOUT_MS = 10_000

/** Serves the control endpoint on 127.0.0.1; port 0 lets the OS choose. */
export async function startControlServer(
  target: ControlTarget,
  options: { readonly token: Secret; readonly port: number; readonly log: Log },
): Promise<ControlServer> {
  const server = createServer({ maxHeaderSize: HEADERS_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS })
  server.maxConnections = CONNECTIONS_MAX
  server.on('request', (request, response) => {
    const door = { port: portOf(server), token: options.token }
    void answer(request, response, { target, door, log: options.log })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Room = {
  readonly target: ControlTarget
  readonly door: { readonly port: number; readonly token: Secret }
  readonly log: Log
}

async function answer(request: IncomingMessage, response: ServerResponse, room: Room): Promise<void> {
  // No route takes a body: whatever comes is read past and never kept.
  request.resume()
  try {
    const { host, origin, authorization } = request.headers
    admit({ host, origin, authorization }, room.door)
    const path = (request.url ?? '/').split('?', 1)[0]!
    send(response, 200, await perform(route(request.method ?? '', path), room.target))
  } catch (error) {
    const status = httpStatusOf(error)
    if (status === 500) room.log.error({ err: error }, 'a control request failed unexpectedly')
    send(response, status, errorBody(error))
  }
}

async function perform(call: ControlCall, target: ControlTarget): Promise<unknown> {
  switch (call.kind) {
    case 'status':
      return target.status()
    case 'stop':
      target.stop()
      return {}
    case 'reconcile':
      await target.reconcile()
      return {}
    case 'sign-in-link':
      return { link: target.signInLink() }
    case 'cluster':
      await target.cluster(call.name, call.action)
      return {}
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(JSON.stringify(body))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
