import type { AclOperation } from '../../../client/admin/acl-codes.ts'
import type { NewAcl } from '../../../client/admin/acls.ts'

/** Grants on a topic that a mirror can give at once: whoever has them reads, and changes nothing. */
const READING: readonly AclOperation[] = ['read', 'describe', 'describe-configs']

/** Why an entry of the source is not at the destination now. */
export type HeldBack =
  /** A grant to write, alter or delete: a mirror is read-only. */
  | 'mirror-is-read-only'
  /** It would deny the link its own work: a DENY always wins, and `User:*` means the link as well. */
  | 'would-stop-the-link'
  /** A DENY for everybody that is held back overrules this grant at the source. */
  | 'denied-at-source'

/** What of an entry may be there while its topic is a mirror: itself, a part of it, or nothing. */
export function givenNow(acl: NewAcl): readonly AclOperation[] {
  if (acl.resourceType !== 'topic' || acl.permission === 'deny') return [acl.operation]
  if (acl.operation === 'all') return READING
  return READING.includes(acl.operation) ? [acl.operation] : []
}

/**
 * Whether the entry would keep the link from its work, which needs nearly every right on a mirror and READ on a group
 * (StandardAuthorizer: a matching DENY wins over every ALLOW, and only super users pass).
 */
export function stopsLink(acl: NewAcl): boolean {
  if (acl.permission !== 'deny' || acl.principal !== EVERYBODY) return false
  if (acl.resourceType === 'topic') return true
  return acl.resourceType === 'group' && ['all', 'read', 'describe'].includes(acl.operation)
}

export const EVERYBODY = 'User:*'

/** Whether two entries can be about one resource. */
function overlap(a: NewAcl, b: NewAcl): boolean {
  if (a.resourceType !== b.resourceType) return false
  const [first, second] = [headOf(a), headOf(b)]
  if (first.open && second.open)
    return first.name.startsWith(second.name) || second.name.startsWith(first.name)
  if (first.open) return second.name.startsWith(first.name)
  return second.open ? first.name.startsWith(second.name) : first.name === second.name
}

/** `*` is Kafka's literal word for every resource: the same as an empty prefix. */
export function headOf({ patternType, resourceName }: NewAcl): {
  readonly name: string
  readonly open: boolean
} {
  if (patternType === 'literal' && resourceName === '*') return { name: '', open: true }
  return { name: resourceName, open: patternType === 'prefixed' }
}

/** Whether the grant has no effect at the source because everybody is denied it there. */
export function overruled(operation: AclOperation, grant: NewAcl, denials: readonly NewAcl[]): boolean {
  if (grant.permission === 'deny') return false
  return denials.some(
    (denial) => (denial.operation === operation || denial.operation === 'all') && overlap(denial, grant),
  )
}

/** One text for equal entries. */
export function keyOfAcl(acl: NewAcl): string {
  const { resourceType, patternType, resourceName, principal, host, operation, permission } = acl
  return JSON.stringify([resourceType, patternType, resourceName, principal, host, operation, permission])
}

/** Entries without repetitions, in a stable order and with their keys in one: equal sets give equal JSON. */
export function distinctAcls(acls: Iterable<NewAcl>): NewAcl[] {
  const byKey = new Map([...acls].map((acl) => [keyOfAcl(acl), acl]))
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, acl]) => inOrder(acl))
}

function inOrder(acl: NewAcl): NewAcl {
  const { resourceType, resourceName, patternType, principal, host, operation, permission } = acl
  return { resourceType, resourceName, patternType, principal, host, operation, permission }
}

/** `allow write on topic kr.orders for User:app from any host`. */
export function aclText({ resourceType, patternType, resourceName, ...rest }: NewAcl): string {
  const what = `${resourceType} ${patternType === 'prefixed' ? `${resourceName}…` : resourceName}`
  const from = rest.host === '*' ? '' : ` from ${rest.host}`
  return `${rest.permission} ${rest.operation} on ${what} for ${rest.principal}${from}`
}
