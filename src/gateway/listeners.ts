import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, TLSSocket } from 'node:tls'
import { messageOf } from '../base/error.ts'
import { GatewayError } from './errors.ts'
import { defaultLimits } from './limits.ts'
import type { RouteSpec, RouteTls } from './spec.ts'

/** A client that has not ended its TLS handshake by then is closed. */
const HANDSHAKE_MS = 10_000
/** Connections that wait to be accepted: after a switch all clients may come at once. */
const BACKLOG = 4_096

export type Listening = {
  readonly onClient: (socket: Socket, slot: number) => void
  readonly onRefused: (why: string) => void
  /** A connection was closed unheard, because as many are open as may be, or are in their handshake. */
  readonly onFull: () => void
}

/** The ports of a route, one a slot. */
export class Listeners {
  readonly #servers: Server[] = []

  /** Errors: GATEWAY_PORT_TAKEN, GATEWAY_CERTIFICATE_BAD, Node's own for a foreign host. Nothing is left open then. */
  static async open(spec: RouteSpec, listening: Listening): Promise<Listeners> {
    const { name, listen, limits } = spec
    const listeners = new Listeners()
    try {
      for (let slot = 0; slot < listen.slots; slot++) {
        const server = newServer(spec, slot, listening)
        // Clients in their handshake are not the route's yet, but take memory.
        server.maxConnections = limits?.connections ?? defaultLimits.connections
        server.on('drop', listening.onFull)
        listeners.#servers.push(server)
        await opened(server, { host: listen.host, port: listen.port + slot, route: name })
      }
      return listeners
    } catch (error) {
      await listeners.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

/** The name that a client certificate gives, which the TLS handshake has checked; null without one. */
export function certifiedName(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null
  const name = socket.getPeerCertificate().subject?.CN
  return (Array.isArray(name) ? name[0] : name) ?? null
}

function newServer({ name, tls }: RouteSpec, slot: number, listening: Listening): Server {
  if (tls === undefined) return createServer((socket) => listening.onClient(socket, slot))
  try {
    return newTlsServer(tls, slot, listening)
  } catch (cause) {
    const message = `Route ${name} cannot use its certificate or key: ${messageOf(cause)}.`
    throw new GatewayError('GATEWAY_CERTIFICATE_BAD', message, { cause })
  }
}

function newTlsServer(tls: RouteTls, slot: number, { onClient, onRefused }: Listening): Server {
  const { certificate: cert, key, keyPassword, clientCa } = tls
  const server = createTlsServer(
    {
      minVersion: 'TLSv1.2',
      handshakeTimeout: HANDSHAKE_MS,
      cert,
      key: key.reveal(),
      ...(keyPassword === undefined ? {} : { passphrase: keyPassword.reveal() }),
      ...(clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    },
    (socket) => onClient(socket, slot),
  )
  server.on('tlsClientError', ({ message }) => onRefused(message))
  return server
}

function opened(server: Server, at: { host: string; port: number; route: string }): Promise<void> {
  const { host, port, route } = at
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `Route ${route} cannot listen at ${host}:${port}, another program does.`
      const isTaken = error.code === 'EADDRINUSE'
      reject(isTaken ? new GatewayError('GATEWAY_PORT_TAKEN', message, { context: { host, port } }) : error)
    })
    server.listen({ host, port, backlog: BACKLOG }, resolve)
  })
}
