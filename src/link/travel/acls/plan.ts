import type { NewAcl } from '../../../client/admin/acls.ts'
import { nameMatcher } from '../../names.ts'
import type { NamePatterns } from '../../spec.ts'
import type { AclTravel } from '../options.ts'
import { type Naming, namesUnder, type Place, placesOfName, placesOfPrefix } from './names.ts'
import {
  distinctAcls,
  EVERYBODY,
  givenNow,
  type HeldBack,
  headOf,
  keyOfAcl,
  overruled,
  stopsLink,
} from './rules.ts'

/** Everything that decides which ACLs belong at a destination; plain data. */
export type AclWorld = {
  /** Null: none travel, so those that the link made go. */
  readonly rules: AclTravel | null
  readonly link: { readonly topics: NamePatterns; readonly groups: NamePatterns; readonly prefix: string }
  /** Whom the link signs in as at the destination, where that is known. */
  readonly principal: string | null
  /** Topics that are mirrored now, by their names at the source; those that were promoted are none any more. */
  readonly mirrors: ReadonlyMap<string, string>
  /** Groups at the source that the link keeps in step. */
  readonly groups: readonly string[]
  readonly source: readonly NewAcl[]
  readonly present: readonly NewAcl[]
  /** Those at the destination that the link made. */
  readonly owned: readonly NewAcl[]
}

export type WithheldAcl = { readonly acl: NewAcl; readonly why: HeldBack }

export type AclPlan = {
  readonly create: readonly NewAcl[]
  readonly remove: readonly NewAcl[]
  /** Made by the link, there, and right. */
  readonly kept: readonly NewAcl[]
  /** Wanted and there already, made by somebody else: never touched. */
  readonly foreign: readonly NewAcl[]
  /** Entries of the source, by the mirror's name, that wait until the mirror is one no longer. */
  readonly withheld: readonly WithheldAcl[]
  /** By topic: all that the mirror gets when it is promoted, each for that one topic. */
  readonly handOver: ReadonlyMap<string, readonly NewAcl[]>
  /** Entries of the destination, not the link's, that let somebody write to a mirror. */
  readonly writers: readonly NewAcl[]
}

/** What has to be made and removed at the destination. Pure: equal worlds give equal plans. */
export function planAcls(world: AclWorld): AclPlan {
  const { rules } = world
  const travelling = rules === null ? { now: [], withheld: [] } : travel(world, rules)
  const wanted = new Map(distinctAcls(travelling.now).map((acl) => [keyOfAcl(acl), acl]))
  const present = new Set(world.present.map(keyOfAcl))
  const owned = new Map(world.owned.map((acl) => [keyOfAcl(acl), acl]))
  const all = [...wanted]
  const isThere = ([key]: [string, NewAcl]) => present.has(key)
  const acls = (entries: [string, NewAcl][]) => entries.map(([, acl]) => acl)
  return {
    create: acls(all.filter((entry) => !isThere(entry))),
    remove: acls([...owned].filter(([key]) => !wanted.has(key))),
    kept: acls(all.filter((entry) => isThere(entry) && owned.has(entry[0]))),
    foreign: acls(all.filter((entry) => isThere(entry) && !owned.has(entry[0]))),
    withheld: travelling.withheld,
    handOver: rules === null ? new Map() : handOvers(world, rules),
    writers: rules === null ? [] : foreignWriters(world, owned),
  }
}

function travel(world: AclWorld, rules: AclTravel): { now: NewAcl[]; withheld: WithheldAcl[] } {
  const entries = chosen(world, rules)
  const denials = entries.filter(stopsLink)
  const now: NewAcl[] = []
  const withheld: WithheldAcl[] = []
  for (const acl of entries) {
    const places = placesOf(world, rules, acl)
    const hold = (why: HeldBack) =>
      withheld.push(...places.map((place) => ({ acl: { ...acl, ...place }, why })))
    if (stopsLink(acl)) {
      hold('would-stop-the-link')
      continue
    }
    const given = givenNow(acl)
    if (given.length !== 1 || given[0] !== acl.operation) hold('mirror-is-read-only')
    const effective = given.filter((operation) => !overruled(operation, acl, denials))
    if (effective.length < given.length) hold('denied-at-source')
    for (const place of places) now.push(...effective.map((operation) => ({ ...acl, ...place, operation })))
  }
  return { now, withheld }
}

/** The source's entries that the rules take, under the principals' names at the destination. */
function chosen({ source, principal }: AclWorld, rules: AclTravel): NewAcl[] {
  const takes = nameMatcher(rules.principals)
  return source
    .filter((acl) => takes(acl.principal))
    .map((acl) => ({ ...acl, principal: rules.map[acl.principal] ?? acl.principal }))
    .filter((acl) => acl.principal !== principal)
}

function placesOf(world: AclWorld, rules: AclTravel, acl: NewAcl): Place[] {
  if (acl.resourceType === 'transactional-id') return transactionalPlaces(rules, acl)
  const naming = namingOf(world, rules, acl)
  if (naming === null) return []
  const { name, open } = headOf(acl)
  return open ? placesOfPrefix(naming, name) : placesOfName(naming, name)
}

function namingOf({ link, mirrors, groups }: AclWorld, rules: AclTravel, acl: NewAcl): Naming | null {
  if (acl.resourceType === 'topic') {
    return { patterns: [link.topics, rules.topics], known: mirrors, prefix: link.prefix }
  }
  if (acl.resourceType !== 'group') return null
  const { open, name } = headOf(acl)
  // A group may be named before it exists; an entry for a prefix needs one that does.
  const known = new Map((open ? groups : [name]).map((group) => [group, group]))
  return { patterns: [link.groups, rules.groups], known, prefix: '' }
}

/** Transactional ids are listed nowhere, so an entry travels as it is or not at all; one for all of them never does. */
function transactionalPlaces(rules: AclTravel, { patternType, resourceName }: NewAcl): Place[] {
  const isTaken = resourceName !== '*' && nameMatcher(rules.transactionalIds)(resourceName)
  return isTaken ? [{ patternType, resourceName }] : []
}

/** Topic by topic everything that the source grants and denies, also what a mirror never gets. */
function handOvers(world: AclWorld, rules: AclTravel): Map<string, NewAcl[]> {
  const found = new Map<string, NewAcl[]>()
  for (const acl of chosen(world, rules)) {
    const naming = acl.resourceType === 'topic' ? namingOf(world, rules, acl) : null
    if (naming === null) continue
    const { name, open } = headOf(acl)
    const topics = namesUnder(naming, name).filter(([topic]) => open || topic === name)
    for (const [topic, resourceName] of topics) {
      const entries = found.get(topic) ?? []
      entries.push({ ...acl, patternType: 'literal', resourceName })
      found.set(topic, entries)
    }
  }
  return new Map([...found].map(([topic, acls]) => [topic, distinctAcls(acls)]))
}

/** Kafka has no other way to keep a mirror read-only than that nobody else holds a grant. */
function foreignWriters(
  { present, mirrors, principal }: AclWorld,
  owned: ReadonlyMap<string, NewAcl>,
): NewAcl[] {
  const names = [...mirrors.values()]
  return present.filter((acl) => {
    const writes = acl.operation === 'write' || acl.operation === 'all'
    if (acl.resourceType !== 'topic' || acl.permission !== 'allow' || !writes) return false
    if (acl.principal === principal && acl.principal !== EVERYBODY) return false
    const { name, open } = headOf(acl)
    const reaches = names.some((mirror) => (open ? mirror.startsWith(name) : mirror === name))
    return reaches && !owned.has(keyOfAcl(acl))
  })
}
