import type { z } from 'zod'
import type { Caller } from '../door/caller.ts'
import { may, maySomewhere } from '../door/caller.ts'
import type { Subject } from '../door/roles.ts'
import { serverError } from '../errors.ts'
import type { House } from '../house.ts'
import { type Call, type Change, Reply, type Route } from './route.ts'

/** A request as it came, apart from who sent it. */
export type Asked = {
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
  readonly headers: Call<unknown, unknown, unknown>['headers']
  readonly signal: AbortSignal
}

/** What was done for a caller, for the audit log. */
export type Done = { readonly reply: Reply; readonly change: Change }

/**
 * Takes a request through a route: leave first, then the schemas, then the route. What is not allowed is refused
 * before anything of the request is looked at, the existence of what it names included.
 * @throws SIGN_IN_NEEDED, NOT_ALLOWED, CLUSTER_NOT_FOUND, REQUEST_INVALID, and what the route throws
 */
export async function dispatch(
  route: Route,
  asked: Asked,
  caller: Caller | null,
  house: House,
): Promise<Done> {
  const params = withClusterName(asked.params, house)
  const who = admitted(route, params, caller)
  if (params.cluster === null) {
    throw serverError('CLUSTER_NOT_FOUND', `the fleet has no cluster "${asked.params.cluster}"`)
  }
  let change: Change = {}
  const answer = await route.handle({
    params: parsed(route.params, params, 'path'),
    query: parsed(route.query, asked.query, 'query'),
    body: route.body === null ? null : parsed(route.body, asked.body, 'body'),
    caller: who,
    headers: asked.headers,
    house,
    signal: asked.signal,
    note: (more) => {
      change = { ...change, ...more }
    },
  })
  return { reply: answer instanceof Reply ? answer : new Reply(200, answer), change }
}

type Params = Readonly<Record<string, string | null>>

/** Grants name clusters as the fleet does; paths may name them by Kafka's id too. */
function withClusterName(params: Asked['params'], { doors }: House): Params {
  return params.cluster === undefined ? params : { ...params, cluster: doors.nameOf(params.cluster) }
}

const nobody: Caller = { name: 'nobody', by: 'token', grants: [] }

function admitted({ need, method, path }: Route, params: Params, caller: Caller | null): Caller {
  if (need === 'anyone') return caller ?? nobody
  if (caller === null)
    throw serverError('SIGN_IN_NEEDED', `${method} ${path} is for those who have signed in`)
  const { role, on } = need
  const isAllowed =
    on === 'somewhere'
      ? maySomewhere(caller, role, params.cluster ?? undefined)
      : may(caller, role, subjectOf(on, params))
  if (isAllowed) return caller
  const text = `${caller.name} may not ${method} ${path}: it takes the role ${role}`
  throw serverError('NOT_ALLOWED', text, { context: { role, on } })
}

function subjectOf(
  on: Exclude<Exclude<Route['need'], 'anyone'>['on'], 'somewhere'>,
  params: Params,
): Subject {
  const cluster = params.cluster ?? undefined
  if (on === 'fleet') return {}
  if (on === 'cluster') return { cluster }
  return { cluster, resource: { kind: on, name: params[on]! } }
}

function parsed(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues
    .slice(0, 10)
    .map(({ path, message }) => ({ path: path.join('.'), message }))
  const [{ path, message }] = issues as [(typeof issues)[number]]
  const text = `the ${where} of the request is not valid: ${path === '' ? '' : `${path}: `}${message}`
  throw serverError('REQUEST_INVALID', text, { context: { where, issues } })
}
