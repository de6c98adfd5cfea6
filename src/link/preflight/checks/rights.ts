import type { AclOperation } from '../../../client/admin/acl-codes.ts'
import { type AclResource, grantCommand, grantNames } from '../commands.ts'
import type { Facts, Rights, Told } from '../facts.ts'
import { bad, type FindingSide, good, type LinkFinding, warning } from '../findings.ts'

/** One right on some resources: whether each of them grants it. */
type Need = {
  readonly side: Exclude<FindingSide, 'both'>
  readonly resource: AclResource
  readonly operation: AclOperation
  readonly purpose: string
  readonly on: readonly { readonly name: string; readonly granted: Told<boolean> }[]
}

/** What the link does with each right; found by taking them away one by one on brokers. */
const OF_SOURCE_TOPICS: readonly [AclOperation, string][] = [
  ['read', 'to read records'],
  ['describe-configs', 'to give mirrors the settings of their topics'],
]
const OF_MIRRORS: readonly [AclOperation, string][] = [
  ['write', 'to write records'],
  ['read', 'to read what it wrote last, which tells where to go on'],
  ['delete', 'to delete records that the source has deleted'],
  ['alter', 'to add partitions'],
  ['alter-configs', 'to give mirrors their settings'],
]
const OF_STATE: readonly [AclOperation, string][] = [
  ['read', 'to read what links share'],
  ['write', 'to write what links share'],
]

/** Every right that the link needs, one finding for each operation that is missing somewhere. */
export function checkRights(facts: Facts): LinkFinding[] {
  const needs = needsOf(facts)
  const findings = needs.flatMap((need) => findingsOf(need, facts))
  for (const side of ['source', 'destination'] as const) {
    if (findings.some((finding) => finding.side === side && finding.severity === 'error')) continue
    const { name, access } = facts[side]
    const count = needs.filter((need) => need.side === side).length
    const what = `${access.principal} has all ${count} kinds of rights that the link needs`
    findings.push(good('RIGHTS_GRANTED', { side, subject: name, what }))
  }
  return findings
}

function needsOf(facts: Facts): Need[] {
  return [...needsAtSource(facts), ...needsAtDestination(facts)]
}

function needsAtSource(facts: Facts): Need[] {
  const side = 'source'
  const purpose = 'to read the positions of groups'
  const on = onGroups(facts, side, 'describe')
  return [
    ...onTopics(side, OF_SOURCE_TOPICS, facts.sourceTopics),
    { side, resource: 'group', operation: 'describe', purpose, on },
  ]
}

function needsAtDestination(facts: Facts): Need[] {
  const { mirrors, state } = facts
  const side = 'destination'
  const there = { side } as const
  return [
    {
      ...there,
      resource: 'topic',
      operation: 'create',
      purpose: 'to make mirrors and the topic that links share',
      on: [...mirrors, state].map(({ name, refusal }) => ({ name, granted: mayCreate(refusal) })),
    },
    ...onTopics(side, OF_MIRRORS, mirrors),
    ...onTopics(side, OF_STATE, [state]),
    {
      ...there,
      resource: 'cluster',
      operation: 'idempotent-write',
      purpose: 'to get a producer id (WRITE on any topic does as well)',
      on: [{ name: facts.destination.name, granted: mayHaveProducerId(facts) }],
    },
    {
      ...there,
      resource: 'group',
      operation: 'read',
      purpose: 'to write the positions of groups, and to share the link among workers',
      on: onGroups(facts, side, 'read'),
    },
  ]
}

function onTopics(
  side: Need['side'],
  operations: readonly (readonly [AclOperation, string])[],
  topics: readonly { readonly name: string; readonly rights: Told<Rights> }[],
): Need[] {
  return operations.map(([operation, purpose]) => {
    const on = topics.map(({ name, rights }) => ({ name, granted: grantedBy(rights, operation) }))
    return { side, resource: 'topic', operation, purpose, on }
  })
}

function onGroups({ groups }: Facts, side: Need['side'], operation: AclOperation): Need['on'] {
  return groups
    .filter((group) => group.side === side)
    .map(({ group, rights }) => ({ name: group, granted: grantedBy(rights, operation) }))
}

function grantedBy(rights: Told<Rights>, operation: AclOperation): Told<boolean> {
  return rights.told ? { told: true, value: rights.value.has(operation) } : rights
}

/** WRITE on any topic allows it: where that is missing, the finding about WRITE says enough. */
function mayHaveProducerId({ producerId, mirrors, state }: Facts): Told<boolean> {
  const lacksWrite = [...mirrors, state].some(({ rights }) => rights.told && !rights.value.has('write'))
  return lacksWrite ? { told: true, value: true } : producerId
}

function mayCreate(refusal: Facts['state']['refusal']): Told<boolean> {
  if (!refusal.told) return refusal
  return { told: true, value: !(refusal.value?.error ?? '').endsWith('AUTHORIZATION_FAILED') }
}

function findingsOf({ side, resource, operation, purpose, on }: Need, facts: Facts): LinkFinding[] {
  const { access } = facts[side]
  const right = operation.replaceAll('-', '_').toUpperCase()
  const missing = on.filter(({ granted }) => granted.told && !granted.value).map(({ name }) => name)
  const doubtful = on.filter(({ granted }) => !granted.told)
  const findings: LinkFinding[] = []
  if (missing.length > 0) {
    const names = resource === 'topic' ? topicNames(side, missing, facts) : missing
    const what = `${access.principal} has no ${right} on ${list(resource, missing)}: needed ${purpose}`
    const command = grantCommand(access, operation, resource, names)
    const remedy = `Grant ${right} on ${list(resource, names)}.`
    findings.push(bad('RIGHT_MISSING', { side, subject: list(resource, missing), what, remedy, command }))
  }
  if (doubtful.length > 0) {
    const why = doubtful[0]!.granted.told ? '' : doubtful[0]!.granted.why
    const names = list(
      resource,
      doubtful.map(({ name }) => name),
    )
    const what = `whether ${access.principal} has ${right} on ${names} could not be found out: ${why}`
    findings.push(warning('NOT_FOUND_OUT', { side, subject: names, what }))
  }
  return findings
}

/** The topics as the link's patterns name them; the state topic by its own name. */
function topicNames(side: Need['side'], names: readonly string[], facts: Facts): string[] {
  const own = names.filter((name) => name === facts.state.name)
  const prefix = side === 'source' ? '' : facts.prefix
  const others = names.filter((name) => name !== facts.state.name).map((name) => name.slice(prefix.length))
  return [...grantNames(facts.topics, prefix, others), ...own]
}

const NAMED_MAX = 3

function list(resource: AclResource, names: readonly string[]): string {
  if (resource === 'cluster') return 'the cluster'
  const shown = names.slice(0, NAMED_MAX).join(', ')
  const more = names.length > NAMED_MAX ? ` and ${names.length - NAMED_MAX} more` : ''
  return `${resource}${names.length === 1 ? '' : 's'} ${shown}${more}`
}
