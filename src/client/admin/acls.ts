import { DescribeAcls } from '../../wire/apis/029-describe-acls.ts'
import { CreateAcls } from '../../wire/apis/030-create-acls.ts'
import { DeleteAcls } from '../../wire/apis/031-delete-acls.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { ClientError, throwOnKafkaError } from '../errors.ts'
import { outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { type CallOptions, retrying } from '../retry.ts'
import {
  type AclAny,
  type AclOperation,
  type AclPatternType,
  type AclPermission,
  type AclResourceType,
  aclOperations,
  aclPatternTypes,
  aclPermissions,
  aclResourceTypes,
} from './acl-codes.ts'

/** One entry of the authorizer. Words that a newer Kafka added and kmc does not know are null. */
export type Acl = {
  readonly resourceType: AclResourceType | null
  readonly resourceName: string
  readonly patternType: AclPatternType | null
  /** As the broker knows it, e.g. `User:alice`; `User:*` for everybody. */
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation | null
  readonly permission: AclPermission | null
}

export type NewAcl = {
  readonly resourceType: AclResourceType
  readonly resourceName: string
  readonly patternType: AclPatternType
  readonly principal: string
  readonly host: string
  readonly operation: AclOperation
  readonly permission: AclPermission
}

/** What is left out matches everything. */
export type AclFilter = {
  readonly resourceType?: AclAny<AclResourceType>
  readonly resourceName?: string
  readonly patternType?: AclAny<AclPatternType> | 'match'
  readonly principal?: string
  readonly host?: string
  readonly operation?: AclAny<AclOperation>
  readonly permission?: AclAny<AclPermission>
}

/**
 * Entries that match, as one broker has them: each answers from its own copy (AclApis), which follows the controller's
 * within moments. Errors: KAFKA_ERROR SECURITY_DISABLED without an authorizer, CLUSTER_AUTHORIZATION_FAILED.
 */
export function describeAcls(
  cluster: Cluster,
  filter: AclFilter = {},
  { node = 'any', ...options }: CallOptions & { readonly node?: number | 'any' } = {},
): Promise<Acl[]> {
  const limits = cluster.limitsOf(options)
  const what = `ACLs of ${cluster.name}`
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const answer = await cluster.request(DescribeAcls, filterOf(filter), {
      node,
      ...limits,
      timeoutMs,
    })
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    return answer.resources.flatMap(({ resourceType, resourceName, patternType, acls }) =>
      acls.map((acl) => aclOf({ resourceType, resourceName, patternType, ...acl })),
    )
  })
}

/** Adds entries; one outcome per entry, in order. An entry that is there already is no error. */
export function createAcls(
  cluster: Cluster,
  acls: readonly NewAcl[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  return atController(cluster, acls, {
    ...options,
    what: 'creating ACLs',
    ask: async (pending, limits) => {
      const creations = pending.map(
        ({ resourceType, resourceName, patternType, operation, permission, ...rest }) => ({
          resourceType: aclResourceTypes.code(resourceType),
          resourceName,
          resourcePatternType: aclPatternTypes.code(patternType),
          operation: aclOperations.code(operation),
          permissionType: aclPermissions.code(permission),
          principal: rest.principal,
          host: rest.host,
        }),
      )
      const answer = await cluster.request(CreateAcls, { creations }, { node: 'controller', ...limits })
      assertCount('CreateAcls', answer.results.length, pending.length)
      return answer.results.map((result, at) =>
        outcomeOfCode(result, `creating ${textOf(pending[at]!)}`, () => undefined),
      )
    },
  })
}

/** Removes entries that match; one outcome per filter, in order, with the entries that were removed. */
export function deleteAcls(
  cluster: Cluster,
  filters: readonly AclFilter[],
  options: CallOptions = {},
): Promise<Outcome<readonly Outcome<Acl>[]>[]> {
  return atController(cluster, filters, {
    ...options,
    what: 'deleting ACLs',
    ask: async (pending, limits) => {
      const answer = await cluster.request(
        DeleteAcls,
        { filters: pending.map(filterOf) },
        { node: 'controller', ...limits },
      )
      assertCount('DeleteAcls', answer.filterResults.length, pending.length)
      return answer.filterResults.map((result) =>
        outcomeOfCode(result, 'deleting ACLs', () =>
          result.matchingAcls.map((acl) => outcomeOfCode(acl, `deleting ${textOf(acl)}`, () => aclOf(acl))),
        ),
      )
    },
  })
}

/** These answers carry no names: only their order says what they are about. */
function assertCount(api: string, found: number, asked: number): void {
  if (found !== asked) {
    throw new ClientError(
      'INCOMPLETE_RESPONSE',
      `The answer to ${api} has ${found} results for ${asked} items.`,
    )
  }
}

function filterOf(filter: AclFilter) {
  return {
    resourceTypeFilter: aclResourceTypes.code(filter.resourceType ?? 'any'),
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter: aclPatternTypes.code(filter.patternType ?? 'any'),
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: aclOperations.code(filter.operation ?? 'any'),
    permissionType: aclPermissions.code(filter.permission ?? 'any'),
  }
}

type AnsweredAcl = {
  readonly resourceType: number
  readonly resourceName: string
  readonly patternType: number
  readonly principal: string
  readonly host: string
  readonly operation: number
  readonly permissionType: number
}

function aclOf({ resourceName, principal, host, ...codes }: AnsweredAcl): Acl {
  return {
    // The broker stores neither `any` nor `match`: those words only occur in filters.
    resourceType: aclResourceTypes.word(codes.resourceType) as AclResourceType | null,
    resourceName,
    patternType: aclPatternTypes.word(codes.patternType) as AclPatternType | null,
    principal,
    host,
    operation: aclOperations.word(codes.operation) as AclOperation | null,
    permission: aclPermissions.word(codes.permissionType) as AclPermission | null,
  }
}

function textOf({
  principal,
  resourceName,
}: {
  readonly principal: string
  readonly resourceName: string
}): string {
  return `the ACL of ${principal} on ${resourceName}`
}
