import type { z } from 'zod'
import type { Caller } from '../door/caller.ts'
import { may, maySomewhere } from '../door/caller.ts'
import type { Proof } from '../door/proof.ts'
import type { Subject } from '../door/roles.ts'
import { serverError } from '../errors.ts'
import type { House } from '../house.ts'
import type { AskedChange, AuditTrail } from './audit-trail.ts'
import { type Call, type Change, Reply, type Route } from './route.ts'

/** A request as it came, apart from who sent it. */
export type Asked = {
  readonly params: Readonly<Record<string, string>>
  readonly query: unknown
  readonly body: unknown
  readonly headers: Call<unknown, unknown, unknown>['headers']
  readonly proof: Proof
  readonly signal: AbortSignal
}

export type DispatchRoom = { readonly house: House; readonly audit: AuditTrail }

/**
 * Takes a request through a route: leave first, then the schemas, then the audit log, then the route. What is not
 * allowed is refused before anything of the request is looked at, the existence of what it names included.
 * @throws SIGN_IN_NEEDED, NOT_ALLOWED, CLUSTER_NOT_FOUND, REQUEST_INVALID, AUDIT_UNAVAILABLE, and what the route throws
 */
export async function dispatch(
  route: Route,
  asked: Asked,
  caller: Caller | null,
  { house, audit }: DispatchRoom,
): Promise<Reply> {
  const params = withClusterName(route, asked.params, house)
  const who = caller ?? nobody
  const change = changeOf(route, asked, who, params)
  try {
    admit(route, params, caller)
  } catch (error) {
    if (caller !== null && change !== null) await audit.refused(change, error)
    throw error
  }
  if (params.cluster === null) {
    if (route.clusterOf !== undefined)
      throw serverError('CLUSTER_NOT_NAMED', `${route.path} names no cluster`)
    throw serverError('CLUSTER_NOT_FOUND', `the fleet has no cluster "${asked.params.cluster}"`)
  }
  let noted: Change = {}
  const call = {
    params: parsed(route.params, params, 'path'),
    query: parsed(route.query, asked.query, 'query'),
    body: route.body === null ? null : parsed(route.body, asked.body, 'body'),
    caller: who,
    ...{ house, proof: asked.proof, headers: asked.headers, signal: asked.signal },
    note: (more: Change) => {
      noted = { ...noted, ...more }
    },
  }
  const endOf = change === null ? null : await audit.begin(change)
  const end = async (error: unknown) => await endOf?.({ error, change: noted })
  try {
    const answer = await route.handle(call)
    const reply = answer instanceof Reply ? answer : new Reply(200, answer)
    if (reply.ended === null) await end(null)
    else void reply.ended.then(() => end(null), end)
    return reply
  } catch (error) {
    await end(error)
    throw error
  }
}

type Params = Readonly<Record<string, string | null>>

/** Grants name clusters as the fleet does; paths may name them by Kafka's id too. */
function withClusterName({ clusterOf }: Route, params: Asked['params'], house: House): Params {
  if (clusterOf !== undefined) return { ...params, cluster: clusterOf(house) }
  const { doors } = house
  return params.cluster === undefined ? params : { ...params, cluster: doors.nameOf(params.cluster) }
}

const nobody: Caller = { name: 'nobody', by: 'token', grants: [] }

function changeOf(
  { action }: Route,
  { proof }: Asked,
  { name, by }: Caller,
  params: Params,
): AskedChange | null {
  if (action === null) return null
  const named = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== null)
  return { action, who: name, by, address: proof.address, on: Object.fromEntries(named) }
}

function admit({ need, method, path }: Route, params: Params, caller: Caller | null): void {
  if (need === 'anyone') return
  if (caller === null)
    throw serverError('SIGN_IN_NEEDED', `${method} ${path} is for those who have signed in`)
  const { role, on } = need
  const isAllowed =
    on === 'somewhere'
      ? maySomewhere(caller, role, params.cluster ?? undefined)
      : may(caller, role, subjectOf(on, params))
  if (isAllowed) return
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
