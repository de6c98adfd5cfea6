import type { NewAcl } from '../../client/admin/acls.ts'
import { distinctAcls, EVERYBODY, headOf, keyOfAcl } from '../../link/travel/acls/rules.ts'

/** Everything that decides which entries fence a cluster; plain data. */
export type FenceWorld = {
  readonly present: readonly NewAcl[]
  /** Entries that kmc made for this fence before. */
  readonly own: readonly NewAcl[]
  readonly topics: readonly string[]
  /** Whom kmc signs in as there: never denied. */
  readonly keep: readonly string[]
  /** Whether kmc passes whatever the entries say: only then may everybody be denied. */
  readonly isSuperUser: boolean
  /** Whether brokers let everybody write to a topic that no entry names. */
  readonly letsAllIn: boolean
}

export type FencePlan = {
  readonly create: readonly NewAcl[]
  /** Everything of the fence once it stands, those included that are there. */
  readonly all: readonly NewAcl[]
  /** Principals that may still write and cannot be denied: `User:*`, which would mean kmc as well. */
  readonly unfenced: readonly string[]
}

/**
 * Who may write to topics of a route is denied that, topic by topic, and its transactional ids with it: a DENY wins
 * over every ALLOW (StandardAuthorizer). What somebody else denies already is left to them.
 */
export function planFence(world: FenceWorld): FencePlan {
  const writers = writersOf(world)
  const principals = [...new Set(writers.map(({ principal }) => principal))]
  const wanted = distinctAcls([...writers, ...transactionsOf(world, principals)])
  const own = new Set(world.own.map(keyOfAcl))
  const present = new Set(world.present.map(keyOfAcl))
  const isOpen = (grantsToAll(world) && !world.isSuperUser) || hasOpenTopic(world)
  return {
    create: wanted.filter((acl) => !present.has(keyOfAcl(acl))),
    all: distinctAcls([
      ...world.own,
      ...wanted.filter((acl) => !present.has(keyOfAcl(acl)) || own.has(keyOfAcl(acl))),
    ]),
    unfenced: isOpen ? [EVERYBODY] : [],
  }
}

function isWriting({ permission, operation }: NewAcl): boolean {
  return permission === 'allow' && (operation === 'write' || operation === 'all')
}

function writersOf(world: FenceWorld): NewAcl[] {
  const grants = world.present.filter((acl) => acl.resourceType === 'topic' && isWriting(acl))
  return world.topics.flatMap((topic) =>
    grants
      .filter((acl) => covers(acl, topic) && mayDeny(world, acl))
      .map((acl) => deny({ ...acl, resourceName: topic, patternType: 'literal' })),
  )
}

function transactionsOf(world: FenceWorld, principals: readonly string[]): NewAcl[] {
  return world.present
    .filter((acl) => acl.resourceType === 'transactional-id' && isWriting(acl))
    .filter(({ principal }) => principals.includes(principal))
    .map(deny)
}

function grantsToAll({ present, topics }: FenceWorld): boolean {
  return present.some(
    (acl) =>
      acl.resourceType === 'topic' &&
      isWriting(acl) &&
      acl.principal === EVERYBODY &&
      topics.some((topic) => covers(acl, topic)),
  )
}

/** An entry there would lock everybody out who is not named in another one, readers included: so none is made. */
function hasOpenTopic({ letsAllIn, present, topics }: FenceWorld): boolean {
  const isNamed = (topic: string) => present.some((acl) => acl.resourceType === 'topic' && covers(acl, topic))
  return letsAllIn && !topics.every(isNamed)
}

function mayDeny({ keep, isSuperUser }: FenceWorld, { principal }: NewAcl): boolean {
  return principal === EVERYBODY ? isSuperUser : !keep.includes(principal)
}

function covers(acl: NewAcl, topic: string): boolean {
  const { name, open } = headOf(acl)
  return open ? topic.startsWith(name) : topic === name
}

function deny(acl: NewAcl): NewAcl {
  return { ...acl, host: '*', operation: 'write', permission: 'deny' }
}
