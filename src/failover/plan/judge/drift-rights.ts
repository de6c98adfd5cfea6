import type { AclOperation } from '../../../client/admin/acl-codes.ts'
import type { NewAcl } from '../../../client/admin/acls.ts'
import { headOf } from '../../../link/travel/acls/rules.ts'
import { linkPrincipal } from '../../../link/travel/principal.ts'
import { concerning, isAllowed, type Question } from '../../fence/authorizer.ts'
import type { Drift } from '../plan.ts'
import { counted, listed } from '../words.ts'
import type { Compared } from './drift.ts'
import { mirrorsOf } from './loss.ts'

/** What clients need; rights to change topics are for administrators, who are asked by nobody at night. */
const NEEDED: Readonly<Record<string, readonly AclOperation[]>> = {
  topic: ['read', 'write'],
  group: ['read'],
  'transactional-id': ['write'],
  cluster: ['idempotent-write'],
}

/** Rights that the active cluster grants and the other one would not, once mirrors are topics of their own. */
export function driftOfRights(compared: Compared): Drift[] {
  const { from, to } = compared
  if (!from.acls.told || !to.acls.told) return []
  const [here, there] = [from.acls.value, to.acls.value]
  if (here === null && there === null) return []
  if (here === null) {
    const what = `${from.name} asks nobody for rights and ${to.name} does: clients without an entry there are refused`
    const remedy = `Grant on ${to.name} what clients need.`
    return [{ severity: 'warning', kind: 'right', subject: to.name, what, remedy }]
  }
  if (there === null) {
    const what = `${from.name} has an authorizer and ${to.name} has none: everybody may do everything there`
    return [{ severity: 'warning', kind: 'right', subject: to.name, what, remedy: null }]
  }
  return missing(compared, here, [...there, ...handedOver(compared)])
}

/** What mirrors are given when they are promoted. */
function handedOver({ facts }: Compared): NewAcl[] {
  const link = facts.link.told ? facts.link.value : null
  const topics = new Set(mirrorsOf(facts).map(({ topic }) => topic))
  return [...(link?.handOver ?? [])].flatMap(([topic, acls]) => (topics.has(topic) ? acls : []))
}

function missing(compared: Compared, here: readonly NewAcl[], after: readonly NewAcl[]): Drift[] {
  const { facts, to } = compared
  const { spec } = facts
  const own = spec === null ? [] : [linkPrincipal(spec.source), linkPrincipal(spec.destination)]
  const grants = here.filter(
    ({ permission, principal }) => permission === 'allow' && !own.includes(principal),
  )
  const lacking = new Map<string, Set<string>>()
  for (const acl of grants) {
    const principal = spec?.travel?.acls?.map[acl.principal] ?? acl.principal
    const now = concerning(here, acl.principal, acl.resourceType)
    const then = concerning(after, principal, acl.resourceType)
    for (const { ask, name } of questionsOf(compared, acl)) {
      const isGranted = isAllowed(now, { ...ask, principal: acl.principal })
      if (!isGranted || isAllowed(then, { ...ask, resourceName: name, principal })) continue
      const key = `${principal} may not ${ask.operation} ${ask.resourceType}`
      lacking.set(key, (lacking.get(key) ?? new Set()).add(name))
    }
  }
  return [...lacking].map(([key, names]): Drift => {
    const what = `${key} ${listed([...names].sort())} on ${to.name}`
    const how = `Let link ${spec?.name ?? ''} carry ACLs (travel, acls), or grant it on ${to.name}`
    const remedy = `${how}; a super user there needs nothing.`
    const subject = key.split(' ')[0]!
    return {
      severity: 'blocks',
      kind: 'right',
      subject,
      what: `${what} (${counted(names.size, 'name')})`,
      remedy,
    }
  })
}

type Asked = { readonly ask: Omit<Question, 'principal'>; readonly name: string }

/** What an entry grants, name by name: `name` is what the resource is called on the other side. */
function questionsOf({ facts, from }: Compared, acl: NewAcl): Asked[] {
  const { resourceType } = acl
  const wanted = (NEEDED[resourceType] ?? []).filter(
    (one) => acl.operation === one || acl.operation === 'all',
  )
  const { name, open } = headOf(acl)
  const reaches = (one: string) => (open ? one.startsWith(name) : one === name)
  const groups = from.groups.told ? from.groups.value.map(({ group }) => group) : []
  const names: [string, string][] =
    resourceType === 'topic'
      ? mirrorsOf(facts).flatMap(({ topic, mirror }) => (reaches(topic) ? [[topic, mirror]] : []))
      : resourceType === 'group' && open
        ? groups.filter(reaches).map((group) => [group, group])
        : // Nobody lists transactional ids: one that begins so stands for all.
          [[open ? `${name}0` : name, open ? `${name}0` : name]]
  return names.flatMap(([here, there]) =>
    wanted.map((operation) => ({ ask: { resourceType, resourceName: here, operation }, name: there })),
  )
}
