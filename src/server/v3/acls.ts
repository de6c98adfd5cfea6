import { z } from 'zod'
import {
  type Acl,
  type AclFilter,
  createAcls,
  deleteAcls,
  describeAcls,
  type NewAcl,
} from '../../client/admin/acls.ts'
import { unwrap } from '../../client/outcome.ts'
import { ask } from '../ask.ts'
import { type Call, Reply, type Route, route } from '../http/route.ts'
import { capitals, clusterPlace, collection, collectionOf, resource, resourceOf } from './shape.ts'

const resourceTypes = ['topic', 'group', 'cluster', 'transactional-id', 'delegation-token', 'user'] as const
const operations = [
  ...(['all', 'read', 'write', 'create', 'delete', 'alter', 'describe'] as const),
  ...(['cluster-action', 'describe-configs', 'alter-configs', 'idempotent-write'] as const),
  ...(['create-tokens', 'describe-tokens', 'two-phase-commit'] as const),
] as const

/** Words come in capitals, in any case, and with `_` as Confluent writes them. */
function word<const Words extends readonly string[]>(words: Words) {
  return z
    .string()
    .transform((text) => text.toLowerCase().replaceAll('_', '-'))
    .pipe(z.enum(words))
}

const name = z.string().max(512)

const newAcl = z.object({
  resource_type: word(resourceTypes),
  resource_name: name.min(1),
  pattern_type: word(['literal', 'prefixed']),
  principal: name.min(1),
  host: name.min(1),
  operation: word(operations),
  permission: word(['allow', 'deny']),
})

const filter = z.object({
  resource_type: word([...resourceTypes, 'any']).optional(),
  resource_name: name.optional(),
  pattern_type: word(['literal', 'prefixed', 'match', 'any']).optional(),
  principal: name.optional(),
  host: name.optional(),
  operation: word([...operations, 'any']).optional(),
  permission: word(['allow', 'deny', 'any']).optional(),
})

/** What is deleted has to be named: an empty filter would take all. */
const deletion = filter.required({
  resource_type: true,
  pattern_type: true,
  operation: true,
  permission: true,
})

const acl = resourceOf('KafkaAcl', {
  cluster_id: z.string(),
  resource_type: z.string(),
  resource_name: z.string(),
  pattern_type: z.string(),
  principal: z.string(),
  host: z.string(),
  operation: z.string(),
  permission: z.string(),
})

const path = '/v3/clusters/{cluster}/acls'
const change = { tag: 'acls', need: { role: 'admin', on: 'cluster' } } as const
const BATCH_MAX = 1_000

export const aclRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path,
    tag: 'acls',
    summary: 'ACL entries, all or those that a filter names',
    need: { role: 'viewer', on: 'cluster' },
    action: null,
    query: filter,
    answer: collectionOf('KafkaAclList', acl),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const found = await describeAcls(cluster, filterOf(call.query), limits)
        const { clusterId } = cluster
        return collection(
          'KafkaAclList',
          `${clusterPlace(clusterId).path}/acls`,
          found.map((one) => aclResource(clusterId, one)),
        )
      }),
  }),
  route({
    ...change,
    method: 'POST',
    path,
    summary: 'Makes an ACL entry',
    action: 'acl.create',
    body: newAcl,
    answer: z.null(),
    handle: (call) => create(call, [call.body]),
  }),
  route({
    ...change,
    method: 'POST',
    path: `${path}:batch`,
    summary: 'Makes several ACL entries',
    action: 'acl.create',
    body: z.object({ data: z.array(newAcl).min(1).max(BATCH_MAX) }),
    answer: z.null(),
    handle: (call) => create(call, call.body.data),
  }),
  route({
    ...change,
    method: 'DELETE',
    path,
    summary: 'Deletes the ACL entries that a filter names',
    action: 'acl.delete',
    query: deletion,
    answer: z.object({ data: z.array(acl) }),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const [outcome] = await deleteAcls(cluster, [filterOf(call.query)], limits)
        const deleted = unwrap(outcome!).map(unwrap)
        call.note({ before: deleted, after: null })
        return { data: deleted.map((one) => aclResource(cluster.clusterId, one)) }
      }),
  }),
]

function create(
  call: Call<{ readonly cluster: string }, unknown, unknown>,
  bodies: readonly z.infer<typeof newAcl>[],
): Promise<Reply> {
  return ask(call, async (cluster, limits) => {
    const wanted = bodies.map(newAclOf)
    const outcomes = await createAcls(cluster, wanted, limits)
    call.note({ after: wanted.filter((_, at) => outcomes[at]!.ok) })
    for (const outcome of outcomes) unwrap(outcome)
    return new Reply(201)
  })
}

function newAclOf(body: z.infer<typeof newAcl>): NewAcl {
  const { principal, host, operation, permission } = body
  const { resource_type: resourceType, resource_name: resourceName, pattern_type: patternType } = body
  return { resourceType, resourceName, patternType, principal, host, operation, permission }
}

function filterOf(query: z.infer<typeof filter>): AclFilter {
  const { resource_type, resource_name, pattern_type, principal, host, operation, permission } = query
  const all = { resourceType: resource_type, resourceName: resource_name, patternType: pattern_type }
  const entries = Object.entries({ ...all, principal, host, operation, permission })
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

function aclResource(clusterId: string, one: Acl): z.infer<typeof acl> {
  const fields = {
    resource_type: capitals(one.resourceType ?? 'unknown'),
    resource_name: one.resourceName,
    pattern_type: capitals(one.patternType ?? 'unknown'),
    principal: one.principal,
    host: one.host,
    operation: capitals(one.operation ?? 'unknown'),
    permission: capitals(one.permission ?? 'unknown'),
  }
  const { path, crn } = clusterPlace(clusterId)
  const self = `${path}/acls?${new URLSearchParams(fields)}`
  return resource('KafkaAcl', { path: self, crn: `${crn}/acl` }, { cluster_id: clusterId, ...fields })
}
