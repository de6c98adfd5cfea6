import { type AddressInfo, isIPv6 } from 'node:net'
import type { Readable } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { KmcError } from '../../base/error.ts'
import type { Secret } from '../../base/secret.ts'
import type { Door } from '../door/door.ts'
import { type Proof, Proxies, proofOf } from '../door/proof.ts'
import { httpStatusOf, serverError } from '../errors.ts'
import type { House } from '../house.ts'
import type { Page } from '../page/file.ts'
import { type AuditTrail, noTrail } from './audit-trail.ts'
import { dispatch } from './dispatch.ts'
import { errorShape } from './error-shape.ts'
import { bodyStream, type Route } from './route.ts'

export type HttpOptions = {
  readonly routes: readonly Route[]
  readonly house: House
  readonly door: Door
  readonly host: string
  /** 0 lets the OS choose. */
  readonly port: number
  /** What browsers see; asked where no route matches. */
  readonly page?: Page | undefined
  /** PEM. */
  readonly tls?: ServerTls | null
  /** Addresses of proxies that are believed. */
  readonly proxies?: readonly string[]
  /** Keeps every change that was asked for, refused ones too. */
  readonly audit?: AuditTrail
}

export type ServerTls = {
  readonly certificate: string
  readonly key: Secret
  readonly keyPassword: Secret | null
}

export type HttpServer = { readonly url: string; readonly port: number; close(): Promise<void> }

const BODY_BYTES_MAX = 1024 * 1024
const NAME_CHARACTERS_MAX = 1024
const CONNECTIONS_MAX = 1024
const REQUEST_TIMEOUT_MS = 30_000

/** No page may frame, sniff or read an answer from elsewhere, and none is kept by a cache. */
const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy':
    "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
} as const

/** What a request proves, from its arrival to its end. */
const proofs = new WeakMap<FastifyRequest, Proof>()

/** Serves a table of routes. @throws what hinders listening, as Node says it (EADDRINUSE and others) */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { door, host, port, routes, tls = null } = options
  const proxies = new Proxies(options.proxies ?? [])
  const app = openApp(tls)
  app.server.maxConnections = CONNECTIONS_MAX
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    const proof = proofOf(arrivalOf(request), proxies)
    proofs.set(request, proof)
    door.admit(proof)
  })
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, options))
  app.setNotFoundHandler((request, reply) => {
    const file =
      options.page && isRead(request)
        ? options.page.file(pathOf(request), request.headers['accept-encoding'])
        : null
    if (file !== null) return reply.code(file.status).headers(file.headers).send(file.body)
    throw serverError('ROUTE_NOT_FOUND', `there is no ${request.method} ${pathOf(request)}`)
  })
  for (const route of routes.filter(({ body }) => body !== bodyStream)) serve(app, route, options)
  app.register(async (streams) => {
    streams.removeAllContentTypeParsers()
    streams.addContentTypeParser('*', async (_: FastifyRequest, payload: Readable) => payload)
    for (const route of routes.filter(({ body }) => body === bodyStream)) serve(streams, route, options)
  })
  await app.listen({ host, port })
  const address = app.server.address() as AddressInfo
  const name = isIPv6(address.address) ? `[${address.address}]` : address.address
  const url = `${tls === null ? 'http' : 'https'}://${name}:${address.port}`
  return { url, port: address.port, close: () => app.close() }
}

function openApp(tls: ServerTls | null): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: NAME_CHARACTERS_MAX },
    // One schema language: zod, in dispatch.
    ajv: { customOptions: { coerceTypes: false } },
    https: tls === null ? null : { cert: tls.certificate, key: tls.key.reveal(), ...passphrase(tls) },
  })
  // A page of anybody's may make a browser send text, without asking.
  app.removeContentTypeParser('text/plain')
  return app as unknown as FastifyInstance
}

function passphrase({ keyPassword }: ServerTls) {
  return keyPassword === null ? {} : { passphrase: keyPassword.reveal() }
}

function serve(app: FastifyInstance, route: Route, options: HttpOptions): void {
  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    handler: async (request, reply) => {
      const gone = new AbortController()
      // The answer's end, not the request's: that closes as soon as its body was read.
      reply.raw.once('close', () => gone.abort())
      const { status, body, headers } = await answer(route, request, gone.signal, options)
      reply.code(status).headers(headers)
      return reply.send(body ?? undefined)
    },
  })
}

async function answer(route: Route, request: FastifyRequest, signal: AbortSignal, options: HttpOptions) {
  const { house, door, audit = noTrail } = options
  const proof = proofs.get(request)!
  const params = request.params as Record<string, string>
  const { query, headers } = request
  // Fastify hands on no body of a GET, and none that is empty.
  const body = route.body === bodyStream ? (request.body ?? request.raw) : request.body
  const asked = { params, query, body, headers, proof, signal }
  return await dispatch(route, asked, door.identify(proof), { house, audit })
}

function arrivalOf({ method, headers, socket }: FastifyRequest) {
  const encrypted = 'encrypted' in socket && socket.encrypted === true
  return { method, headers, encrypted, peer: socket.remoteAddress ?? '' }
}

/** Whatever was thrown, in the form of errors that callers of this path know. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, { house }: HttpOptions): void {
  const said = error instanceof KmcError ? error : refusedByFastify(error)
  const status = httpStatusOf(said)
  if (status === 500)
    house.log.error({ error, method: request.method, path: pathOf(request) }, 'request failed')
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(errorShape(pathOf(request), said))
}

/** What fastify refuses by itself: bodies that are too large or no JSON, other media types. The rest is a bug. */
function refusedByFastify(error: unknown): unknown {
  const { statusCode, message } = error as { statusCode?: number; message?: string }
  if (statusCode === undefined || statusCode >= 500) return error
  return serverError('REQUEST_INVALID', message ?? 'the request cannot be understood', { cause: error })
}

const isRead = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!
}

/** OpenAPI's `{name}` is fastify's `:name`; a colon of the path itself is written twice there. */
function fastifyPath(path: string): string {
  return path.replaceAll(':', '::').replace(/\{(\w+)\}/g, ':$1')
}
