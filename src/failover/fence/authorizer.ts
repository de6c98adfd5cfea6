import type { AclOperation, AclResourceType } from '../../client/admin/acl-codes.ts'
import type { NewAcl } from '../../client/admin/acls.ts'
import { EVERYBODY, headOf } from '../../link/travel/acls/rules.ts'

export type Question = {
  readonly principal: string
  readonly resourceType: AclResourceType
  readonly resourceName: string
  readonly operation: AclOperation
}

/** Rights that come with another (StandardAuthorizer: who may read, write, delete or alter may describe). */
const IMPLIED: Readonly<Partial<Record<AclOperation, readonly AclOperation[]>>> = {
  describe: ['read', 'write', 'delete', 'alter'],
  'describe-configs': ['alter-configs'],
}

/**
 * What Kafka's StandardAuthorizer would say: a matching DENY wins over every ALLOW. Super users, who pass in any case,
 * are known to brokers alone; entries for one host count as if they were for all.
 */
export function isAllowed(acls: readonly NewAcl[], question: Question): boolean {
  const applying = acls.filter((acl) => applies(acl, question))
  const granting = [question.operation, 'all', ...(IMPLIED[question.operation] ?? [])]
  const isDenied = applying.some(
    ({ permission, operation }) =>
      permission === 'deny' && (operation === question.operation || operation === 'all'),
  )
  return (
    !isDenied &&
    applying.some(({ permission, operation }) => permission === 'allow' && granting.includes(operation))
  )
}

/** The entries that can decide anything about a principal and one type of resource. */
export function concerning(acls: readonly NewAcl[], principal: string, type: AclResourceType): NewAcl[] {
  return acls.filter(
    (acl) => acl.resourceType === type && (acl.principal === principal || acl.principal === EVERYBODY),
  )
}

function applies(acl: NewAcl, { principal, resourceType, resourceName }: Question): boolean {
  if (acl.resourceType !== resourceType) return false
  if (acl.principal !== principal && acl.principal !== EVERYBODY) return false
  const { name, open } = headOf(acl)
  return open ? resourceName.startsWith(name) : resourceName === name
}
