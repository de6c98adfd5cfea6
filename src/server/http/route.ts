import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Caller } from '../door/caller.ts'
import type { Proof } from '../door/proof.ts'
import type { ResourceKind, Role } from '../door/roles.ts'
import type { House } from '../house.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * What a caller must be allowed before a route is entered: the least role, and on what. A resource is named by the
 * parameters of the path: `{cluster}` and `{topic}`, `{group}` or `{link}`. `somewhere` opens a list to whoever may see
 * some of it (of `{cluster}`, where the path has one), and obliges the route to leave out the rest. `anyone`: also who
 * has not signed in.
 */
export type Need =
  | 'anyone'
  | { readonly role: Role; readonly on: 'fleet' | 'cluster' | 'somewhere' | ResourceKind }

/** What a change found, and what it made of it, for the audit log. Secrets must not be in either. */
export type Change = { readonly before?: unknown; readonly after?: unknown }

/** One request as a route sees it: everything in it was checked against the route's schemas. */
export type Call<Params, Query, Body> = {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  /** As Node gives them, by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** What the request says of its sender, for routes by which somebody signs in. */
  readonly proof: Proof
  readonly house: House
  /** Fires when the client has gone. */
  readonly signal: AbortSignal
  note(change: Change): void
}

/** The schema of a body that a route reads by itself as it comes, of any length and media type; an empty one too. */
export const bodyStream = z.custom<Readable>((value) => value instanceof Readable)

export type ReplyHeaders = Readonly<Record<string, string | string[]>>

/** An answer that is more than a 200 with a JSON body; a stream is sent as it comes. */
export class Reply {
  readonly status: number
  readonly body: unknown
  readonly headers: ReplyHeaders
  /** For a change that goes on after the answer: settles when it has been made, or has failed. */
  readonly ended: Promise<unknown> | null

  constructor(
    status: number,
    body: unknown = null,
    headers: ReplyHeaders = {},
    ended: Promise<unknown> | null = null,
  ) {
    this.status = status
    this.body = body
    this.headers = headers
    this.ended = ended
  }
}

/**
 * A row of the table of routes. `path` is written as in OpenAPI: `/v3/clusters/{cluster}/topics/{topic}/configs:alter`.
 * From these rows come the dispatch, the OpenAPI document and the test that each is denied to whom it should be.
 */
export type Route = {
  readonly method: Method
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly need: Need
  /** The fleet's name of the cluster that is meant by a path without `{cluster}`; null where none is. */
  readonly clusterOf?: ((house: House) => string | null) | undefined
  /** The name of a change in the audit log, as `topic.create`; null where nothing of the fleet changes, as in GET. */
  readonly action: string | null
  readonly params: z.ZodType
  readonly query: z.ZodType
  readonly body: z.ZodType | null
  readonly answer: z.ZodType
  handle(call: Call<unknown, unknown, unknown>): unknown
}

type RouteParts<Path extends string, Params, Query, Body, Answer> = Omit<
  Route,
  'path' | 'params' | 'query' | 'body' | 'answer' | 'handle'
> & {
  readonly path: Path
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  readonly answer: z.ZodType<Answer>
  handle(call: Call<Params, Query, Body>): Promise<Answer | Reply> | Answer | Reply
}

type Nothing = Record<string, never>

/** The parameters of a path: `{cluster}` and `{topic}` of `/v3/clusters/{cluster}/topics/{topic}`. */
type NamesOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesOf<Rest>
  : never

export type ParamsOf<Path extends string> = Readonly<Record<NamesOf<Path>, string>>

const NAME_MAX = 512

/** A row, with the types of its parts tied together. Parameters are names of a bounded length unless it says more. */
export function route<
  const Path extends string,
  Params = ParamsOf<Path>,
  Query = Nothing,
  Body = null,
  Answer = unknown,
>(parts: RouteParts<Path, Params, Query, Body, Answer>): Route {
  const { method, path, need, action, clusterOf } = parts
  if (method === 'GET' && action !== null) throw new Error(`GET ${path} must not change anything`)
  const known = [...namesIn(path), ...(clusterOf === undefined ? [] : ['cluster'])]
  for (const name of need === 'anyone' ? [] : namesNeeded(need.on)) {
    if (!known.includes(name)) throw new Error(`${method} ${path} needs {${name}} in its path`)
  }
  const names = known.map((name) => [name, z.string().min(1).max(NAME_MAX)] as const)
  return {
    ...parts,
    params: parts.params ?? z.object(Object.fromEntries(names)),
    query: parts.query ?? z.object({}),
    body: parts.body ?? null,
    handle: (call) => parts.handle(call as Call<Params, Query, Body>),
  }
}

/** The parameters of a path: `{cluster}`. */
export function namesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
}

function namesNeeded(on: Exclude<Need, 'anyone'>['on']): string[] {
  if (on === 'fleet' || on === 'somewhere') return []
  return [on]
}
