import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isLoopback } from '../../base/loopback.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { nameIn } from '../door/hosts.ts'
import { serverError } from '../errors.ts'
import { exposition } from './exposition.ts'
import { readiness } from './readiness.ts'

export type MetricsOptions = {
  readonly host: string
  /** 0 lets the OS choose. */
  readonly port: number
  /** Whether each partition has series of its own. */
  readonly partitions: boolean
  readonly version: string
}

export type MetricsListener = { readonly url: string; close(): Promise<void> }

const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const CONNECTIONS_MAX = 64
const HEADERS_BYTES_MAX = 8 * 1024
const REQUEST_TIMEOUT_MS = 10_000

/**
 * Serves GET /metrics, /healthz and /readyz, to whoever reaches the port: nothing here changes anything or tells of
 * records. On a loopback address only requests that name one are answered, so that no web page can read it through a
 * name of its own (DNS rebinding). @throws METRICS_PORT_IN_USE, METRICS_NOT_SERVED
 */
export async function startMetrics(
  status: () => FleetStatus,
  options: MetricsOptions,
): Promise<MetricsListener> {
  const server = createServer({ maxHeaderSize: HEADERS_BYTES_MAX, requestTimeout: REQUEST_TIMEOUT_MS })
  server.maxConnections = CONNECTIONS_MAX
  const guarded = isLoopback(options.host)
  server.on('request', (request, response) => {
    request.resume()
    if (guarded && !namesLoopback(request.headers.host)) send(response, 403, 'call it at 127.0.0.1\n')
    else answer(request, response, status, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(refused(cause, options)))
    server.listen(options.port, options.host, resolve)
  })
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: () => FleetStatus,
  options: MetricsOptions,
): void {
  const path = (request.url ?? '/').split('?', 1)[0]
  if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, 'GET only\n')
  else if (path === '/metrics') send(response, 200, exposition(status(), options), EXPOSITION_TYPE)
  else if (path === '/healthz') send(response, 200, 'ok\n')
  else if (path === '/readyz') sendReadiness(response, status())
  else send(response, 404, '/metrics, /healthz, /readyz\n')
}

function sendReadiness(response: ServerResponse, status: FleetStatus): void {
  const missing = readiness(status)
  if (missing.length === 0) send(response, 200, 'ready\n')
  else send(response, 503, `${missing.join('\n')}\n`)
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}

function namesLoopback(header: string | undefined): boolean {
  const name = nameIn(header)
  return name !== null && isLoopback(name)
}

function refused(cause: NodeJS.ErrnoException, { host, port }: MetricsOptions): Error {
  const context = { host, port }
  if (cause.code === 'EADDRINUSE') {
    return serverError('METRICS_PORT_IN_USE', `port ${port} of ${host} is in use`, { cause, context })
  }
  const message = `metrics cannot be served at ${host}:${port}: ${cause.message}`
  return serverError('METRICS_NOT_SERVED', message, { cause, context })
}
