import type { Readable } from 'node:stream'
import type { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { type ServerErrorCode, serverError } from '../errors.ts'
import { bodyStream, type Call, type Need, type ParamsOf, Reply, type Route, route } from '../http/route.ts'
import { answerType, checkBodyType } from './media.ts'

/** What a row is given: the cluster is known, whether the path names it or not. */
export type V2Call<Params, Query = unknown> = Call<Params & { readonly cluster: string }, Query, Readable> & {
  /** What stands before the path that was called: '' at the root. */
  readonly prefix: string
}

type RowParts<Path extends string, Query, Answer> = {
  readonly method: Route['method']
  readonly path: Path
  readonly summary: string
  readonly need: Need
  readonly query?: z.ZodType<Query>
  readonly answer: z.ZodType<Answer>
  handle(call: V2Call<ParamsOf<Path>, Query>): Promise<Answer | Reply> | Answer | Reply
}

const BELOW = '/clusters/{cluster}'
const BODY_BYTES_MAX = 32 * 1024 * 1024

/**
 * A route of REST Proxy v2, twice: below each cluster, and at the root for the one that the fleet file names. Bodies
 * are read by the rows, as their media types are v2's own.
 */
export function rows<const Path extends string, Query = Record<string, never>, Answer = unknown>(
  parts: RowParts<Path, Query, Answer>,
): readonly Route[] {
  const { path, handle, ...rest } = parts
  const shared = { ...rest, tag: 'REST Proxy v2', action: null, body: bodyStream as z.ZodType<Readable> }
  const at = (prefix: (cluster: string) => string) => async (call: V2Call<ParamsOf<Path>, Query>) => {
    const { accept } = call.headers
    const answer = await handle({ ...call, prefix: prefix(call.params.cluster) })
    return answer instanceof Reply ? answer : asReply(answer, answerType(accept))
  }
  const below = at((cluster) => `/clusters/${encodeURIComponent(cluster)}`)
  const root = at(() => '')
  return [
    route({ ...shared, path: `${BELOW}${path}`, handle: (call) => below(call as never) }) as Route,
    route({
      ...shared,
      path: path as string,
      summary: `${rest.summary}; of the cluster that the fleet file names`,
      clusterOf: ({ restCluster }) => restCluster(),
      handle: (call) => root(call as never),
    }) as Route,
  ]
}

/** An answer under exactly this media type. */
export function asReply(answer: unknown, type: string, status = 200): Reply {
  // Of a text fastify would say in which charset it is; clients compare the type as a whole.
  return new Reply(status, Buffer.from(JSON.stringify(answer)), { 'content-type': type })
}

/** The body as the schema says; undefined where it is empty. @throws MEDIA_TYPE_UNKNOWN, REQUEST_INVALID, `code` */
export async function bodyOf<T>(
  { body, headers }: Pick<V2Call<object>, 'body' | 'headers'>,
  schema: z.ZodType<T>,
  code: ServerErrorCode = 'REQUEST_INVALID',
): Promise<T | undefined> {
  const text = await wholeBody(body)
  if (text.trim() === '') return undefined
  checkBodyType(headers['content-type'])
  const result = schema.safeParse(parsed(text))
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue]
  throw serverError(code, `the body of the request is not valid: ${path.join('.')}: ${message}`)
}

/** The same, where there must be one. */
export async function neededBody<T>(...args: Parameters<typeof bodyOf<T>>): Promise<T> {
  const body = await bodyOf(...args)
  if (body === undefined) throw serverError(args[2] ?? 'REQUEST_INVALID', 'the body of the request is empty')
  return body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw serverError('REQUEST_INVALID', `the body of the request is not JSON: ${messageOf(cause)}`)
  }
}

async function wholeBody(body: Readable): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > BODY_BYTES_MAX)
      throw serverError('REQUEST_INVALID', `a body has at most ${BODY_BYTES_MAX} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}
