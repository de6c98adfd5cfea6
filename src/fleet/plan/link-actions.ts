import type { LinkRecord } from '../../link/state/records.ts'
import { defaultTravel } from '../../link/travel/options.ts'
import { takenTopics } from '../file/check/topics.ts'
import type { LinkDeclaration } from '../file/fleet.ts'
import { canonicalText } from './canonical.ts'
import { planMirrors } from './mirror-actions.ts'
import { counted, declaredCluster, type Notes, observedCluster, type PlanInput } from './notes.ts'
import { entryOf, type ObservedLink } from './observed.ts'
import type { Change } from './plan.ts'
import { planTravel } from './travel-actions.ts'

/** Everything a plan says about links and their mirrors. */
export function planLinks(input: PlanInput, notes: Notes): void {
  const links = Object.values(input.declared.links)
  for (const link of links) planLink(input, link, notes)
  planRemovedLinks(input, notes)
  warnOfUnknownLinks(input, notes)
}

/** What was applied, or what the destination itself remembers: either shows that the link is there. */
type Known = {
  readonly applied: LinkDeclaration | null
  readonly found: ObservedLink | null
}

function knownOf(input: PlanInput, link: LinkDeclaration): Known {
  const destination = observedCluster(input, link.to)
  return {
    applied: entryOf(input.observed.applied?.links ?? null, link.name),
    found: entryOf(destination?.links ?? null, link.name),
  }
}

function planLink(input: PlanInput, link: LinkDeclaration, notes: Notes): void {
  const { name } = link
  const subject = `link ${name}`
  const known = knownOf(input, link)
  const { applied } = known
  const destinationAnswers = (observedCluster(input, link.to)?.links ?? null) !== null
  const record = known.found?.record ?? null
  notes.rest(subject, recordFact(record, destinationAnswers))
  const moved = movedFrom(input, link, applied, record)
  if (moved !== null) {
    planDelete(input, moved, `its ${moved.from === link.from ? 'destination' : 'source'} changes`, notes)
  }
  const isThere = moved === null && (record !== null || (applied !== null && !destinationAnswers))
  if (!isThere) {
    const reason = `in the fleet file, and not there yet: ${describeLink(link)}`
    notes.act({ action: 'create-link', link: name, subject, reason, declaration: link })
    refuseUnreachable(input, link, notes)
    planMirrors(input, link, { record: null, mirrors: known.found?.mirrors ?? [] }, notes)
    planTravel(input, link, notes)
    return
  }
  refuseOtherSource(input, link, record, notes)
  const changes = [
    ...(record === null ? linkChanges(applied!, link) : recordChanges(record, link)),
    ...differences(
      { workers: (applied ?? link).workers, producerIdsFrom: (applied ?? link).producerIdsFrom },
      { workers: link.workers, producerIdsFrom: link.producerIdsFrom },
    ),
  ]
  if (changes.length > 0) {
    const reason = 'the fleet file says otherwise than what the link does'
    notes.act({ action: 'change-link', link: name, subject, reason, declaration: link, changes })
    refuseUnreachable(input, link, notes)
  }
  planIdle(input, link, record, changes.length > 0, notes)
  const idle = changes.length > 0 || !input.observed.workers.includes(name)
  if (idle && known.found !== null) planMirrors(input, link, known.found, notes)
  if (idle) planTravel(input, link, notes)
}

function recordFact(record: LinkRecord | null, destinationAnswers: boolean): string {
  if (!destinationAnswers) return 'not known, the destination does not answer'
  if (record === null) return 'not there'
  const { source, topics, groups, prefix, start, desired } = record
  return JSON.stringify({ source: source.clusterId, topics, groups, prefix, start, desired })
}

/** The declaration under which the link is known, when it led from or to another cluster; else null. */
function movedFrom(
  input: PlanInput,
  link: LinkDeclaration,
  applied: LinkDeclaration | null,
  record: LinkRecord | null,
): LinkDeclaration | null {
  if (applied !== null && (applied.from !== link.from || applied.to !== link.to)) return applied
  if (record === null || record.source.name === link.from) return null
  // The same source under a new name is no move.
  const sourceId = observedCluster(input, link.from)?.clusterId ?? null
  return sourceId === record.source.clusterId ? null : { ...link, from: record.source.name }
}

/** A link that is there and right, and that nobody works on. */
function planIdle(
  input: PlanInput,
  link: LinkDeclaration,
  record: LinkRecord | null,
  changing: boolean,
  notes: Notes,
): void {
  const { name } = link
  const works = input.observed.workers.includes(name)
  notes.rest(`worker of ${name}`, works ? 'works' : 'does not run')
  if (works || changing || record?.desired === 'paused') return
  const reason = 'no worker of this machine works on it'
  notes.act({ action: 'start-link', link: name, subject: `link ${name}`, reason, declaration: link })
}

function refuseUnreachable(input: PlanInput, link: LinkDeclaration, notes: Notes): void {
  for (const end of ['from', 'to'] as const) {
    const observed = observedCluster(input, link[end])
    const managed = declaredCluster(input, link[end])?.kind === 'managed'
    // A managed cluster that does not run is started by this very plan.
    if (managed || observed?.state === 'ready') continue
    const why = observed?.trouble?.message ?? 'it was not looked at'
    const message = `link ${link.name} needs ${link[end]}, which does not answer: ${why}`
    notes.refuse(`link ${link.name}`, 'CLUSTER_UNREACHABLE', message)
  }
}

/** The link copies by the offsets of one cluster; another one behind the same address has others. */
function refuseOtherSource(
  input: PlanInput,
  link: LinkDeclaration,
  record: LinkRecord | null,
  notes: Notes,
): void {
  const found = observedCluster(input, link.from)?.clusterId ?? null
  if (record === null || found === null || record.source.clusterId === found) return
  const message = `link ${link.name} copies cluster ${record.source.clusterId}; ${link.from} is now ${found}`
  notes.refuse(`link ${link.name}`, 'CLUSTER_ID_CHANGED', message)
}

function planRemovedLinks(input: PlanInput, notes: Notes): void {
  const { applied } = input.observed
  for (const link of Object.values({ ...applied?.leaving, ...applied?.links })) {
    if (Object.hasOwn(input.declared.links, link.name)) continue
    const { found } = knownOf(input, link)
    const destinationAnswers = (observedCluster(input, link.to)?.links ?? null) !== null
    notes.rest(`link ${link.name}`, recordFact(found?.record ?? null, destinationAnswers))
    const gone = destinationAnswers && (found === null || found.record === null)
    if (gone && !input.observed.workers.includes(link.name)) continue
    planDelete(input, link, 'no longer in the fleet file', notes)
  }
}

function planDelete(input: PlanInput, link: LinkDeclaration, why: string, notes: Notes): void {
  const subject = `link ${link.name}`
  const destination = observedCluster(input, link.to)
  const mirrors = (entryOf(destination?.links ?? null, link.name)?.mirrors ?? []).map(
    (mirror) => mirror.mirror,
  )
  const stay =
    mirrors.length === 0
      ? ''
      : `; its ${counted(mirrors.length, 'mirror')} on ${link.to} stay as ordinary topics`
  notes.act({
    action: 'delete-link',
    link: link.name,
    subject,
    reason: why + stay,
    declaration: link,
    mirrors,
  })
  if ((destination?.links ?? null) === null) {
    notes.warn(
      subject,
      `${link.to} does not answer: the link's record there stays and must be deleted when it is back`,
    )
  }
}

/** Records of links that neither this file nor its last application knows: another fleet's, so they are left alone. */
function warnOfUnknownLinks(input: PlanInput, notes: Notes): void {
  for (const name of Object.keys(input.declared.clusters)) {
    for (const [link, { record }] of Object.entries(observedCluster(input, name)?.links ?? {})) {
      const declared = entryOf(input.declared.links, link)?.to === name
      const applied = entryOf(input.observed.applied?.links ?? null, link)?.to === name
      if (record === null || declared || applied) continue
      notes.warn(`link ${link}`, `${name} keeps a link ${link} that is not of this fleet; it is left alone`)
    }
  }
}

function recordChanges(record: LinkRecord, link: LinkDeclaration): Change[] {
  return differences(wishesOf(record, record.topics), wishesOf(link, takenTopics(link)))
}

function linkChanges(before: LinkDeclaration, link: LinkDeclaration): Change[] {
  return differences(wishesOf(before, takenTopics(before)), wishesOf(link, takenTopics(link)))
}

/** What of a link may be changed while it is there. */
function wishesOf(link: LinkDeclaration | LinkRecord, topics: readonly string[]): Record<string, unknown> {
  const { groups, prefix, start, limit = null, priority = null, travel } = link
  // What travels goes key by key, so that a change names what it is about.
  return { topics, groups, prefix, start, limit, priority, ...(travel ?? defaultTravel) }
}

function differences(before: Record<string, unknown>, now: Record<string, unknown>): Change[] {
  return Object.keys(now)
    .map((key) => ({ key, from: canonicalText(before[key]), to: canonicalText(now[key]) }))
    .filter(({ from, to }) => from !== to)
}

/** A link in one line. */
function describeLink(link: LinkDeclaration): string {
  const prefix = link.prefix === '' ? '' : `, prefix ${link.prefix}`
  return `${link.from} → ${link.to}, topics ${takenTopics(link).join(' ')}${prefix}`
}
