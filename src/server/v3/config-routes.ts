import { z } from 'zod'
import {
  alterConfigs,
  type ConfigChange,
  type ConfigEntry,
  type ConfigResource,
  describeConfigs,
} from '../../client/admin/configs.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { CallOptions } from '../../client/retry.ts'
import { ask, missing, only } from '../ask.ts'
import { type Call, type Need, Reply, type Route, route } from '../http/route.ts'
import { type ConfigOwner, configResource } from './config-shape.ts'
import { collection, collectionOf } from './shape.ts'

type Params = Readonly<Record<'cluster' | 'topic' | 'broker' | 'name', string>>
type AnyCall = Call<Params, unknown, unknown>

/** What has settings: topics, a broker, or all brokers of a cluster. */
export type Configured<Kind extends string, Own extends object> = {
  readonly kind: Kind
  /** Of the list, e.g. `/v3/clusters/{cluster}/broker-configs`. */
  readonly path: string
  readonly what: string
  readonly schema: z.ZodType
  readonly read: Need
  readonly change: Need
  /** For the audit log: `topic.config`. */
  readonly action: string
  /** Which settings of it are its own; null: all that hold for it. */
  readonly isOwn?: (entry: ConfigEntry) => boolean
  resource(params: Params, cluster: Cluster, limits: CallOptions): Promise<ConfigResource>
  owner(clusterId: string, params: Params): ConfigOwner<Own>
}

const VALUE_MAX = 100_000

const changes = z.object({
  data: z
    .array(
      z.object({
        name: z.string().min(1).max(500),
        value: z.string().max(VALUE_MAX).nullish(),
        operation: z.enum(['SET', 'DELETE', 'APPEND', 'SUBTRACT']).nullish(),
      }),
    )
    .min(1)
    .max(500),
  validate_only: z.boolean().nullish(),
})

/** The routes of one kind of settings: list, one, alter many, set one, back to the default. */
export function configRoutes<Kind extends string, Own extends object>(of: Configured<Kind, Own>): Route[] {
  return [...readRoutes(of), ...changeRoutes(of)]
}

function readRoutes<Kind extends string, Own extends object>(of: Configured<Kind, Own>): Route[] {
  const { path, what, schema, read: need } = of
  const shared = { method: 'GET', tag: 'configs', need, action: null } as const
  return [
    route({
      ...shared,
      path,
      summary: `Settings of ${what}`,
      answer: collectionOf(`${of.kind}List`, schema),
      handle: (call) => list(of, call as unknown as AnyCall),
    }),
    route({
      ...shared,
      path: `${path}/{name}`,
      summary: `One setting of ${what}`,
      answer: schema,
      handle: (call) => describeOne(of, call as unknown as AnyCall),
    }),
  ]
}

function changeRoutes<Kind extends string, Own extends object>(of: Configured<Kind, Own>): Route[] {
  const { path, what, change: need, action } = of
  const shared = { tag: 'configs', need, action, answer: z.null() } as const
  return [
    route({
      ...shared,
      method: 'POST',
      path: `${path}:alter`,
      summary: `Changes settings of ${what}: all that are named, or none`,
      body: changes,
      handle(call) {
        const { data, validate_only: validateOnly } = call.body
        return alter(of, call as unknown as AnyCall, data.map(changeOf), validateOnly === true)
      },
    }),
    route({
      ...shared,
      method: 'PUT',
      path: `${path}/{name}`,
      summary: `Sets one setting of ${what}`,
      body: z.object({ value: z.string().max(VALUE_MAX) }),
      handle(call) {
        const known = call as unknown as AnyCall
        return alter(of, known, [{ name: known.params.name, operation: 'set', value: call.body.value }])
      },
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: `${path}/{name}`,
      summary: `Brings one setting of ${what} back to what holds without it`,
      handle(call) {
        const known = call as unknown as AnyCall
        return alter(of, known, [{ name: known.params.name, operation: 'delete' }])
      },
    }),
  ]
}

function changeOf({ name, value, operation }: z.infer<typeof changes>['data'][number]): ConfigChange {
  switch (operation ?? 'SET') {
    case 'DELETE':
      return { name, operation: 'delete' }
    case 'APPEND':
      return { name, operation: 'append', value: value ?? '' }
    case 'SUBTRACT':
      return { name, operation: 'subtract', value: value ?? '' }
    default:
      return { name, operation: 'set', value: value ?? '' }
  }
}

async function list<Kind extends string, Own extends object>(of: Configured<Kind, Own>, call: AnyCall) {
  const { clusterId, entries } = await entriesOf(of, call)
  const owner = of.owner(clusterId, call.params)
  const shown = entries.filter(of.isOwn ?? (() => true)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return collection(
    `${of.kind}List`,
    owner.self,
    shown.map((entry) => configResource(of.kind, owner, entry)),
  )
}

async function describeOne<Kind extends string, Own extends object>(
  of: Configured<Kind, Own>,
  call: AnyCall,
) {
  const { name } = call.params
  const { clusterId, entries } = await entriesOf(of, call)
  const entry = entries.filter(of.isOwn ?? (() => true)).find((one) => one.name === name)
  if (entry === undefined) missing(`setting ${name} of ${of.what}`)
  return configResource(of.kind, of.owner(clusterId, call.params), entry)
}

function entriesOf<Kind extends string, Own extends object>(of: Configured<Kind, Own>, call: AnyCall) {
  return ask(call, async (cluster, limits) => {
    const resource = await of.resource(call.params, cluster, limits)
    const entries = only(await describeConfigs(cluster, [resource], { ...limits, synonyms: true }))
    return { clusterId: cluster.clusterId, entries }
  })
}

function alter<Kind extends string, Own extends object>(
  of: Configured<Kind, Own>,
  call: AnyCall,
  wanted: readonly ConfigChange[],
  validateOnly = false,
): Promise<Reply> {
  return ask(call, async (cluster, limits) => {
    const resource = await of.resource(call.params, cluster, limits)
    const names = wanted.map(({ name }) => name)
    const before = only(await describeConfigs(cluster, [{ ...resource, names }], limits))
    only(await alterConfigs(cluster, [{ ...resource, changes: wanted }], { ...limits, validateOnly }))
    if (!validateOnly) call.note(forAudit(before, wanted))
    return new Reply(204)
  })
}

/** What the log keeps of a change: no value of a setting that brokers hide, nor of one they do not know. */
function forAudit(before: readonly ConfigEntry[], wanted: readonly ConfigChange[]) {
  const shown = new Map(
    before.filter(({ isSensitive }) => !isSensitive).map(({ name, value }) => [name, value]),
  )
  const after = wanted.map(({ name, operation, value }) => {
    return { name, operation, value: shown.has(name) ? (value ?? null) : '(hidden)' }
  })
  return { before: Object.fromEntries(shown), after }
}
