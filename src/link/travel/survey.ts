import { listGroups } from '../../client/admin/list-groups.ts'
import { Cluster } from '../../client/cluster.ts'
import { nameMatcher } from '../names.ts'
import { TravelAdapter, TravelSource } from '../ports/travel.ts'
import type { LinkSpec } from '../spec.ts'
import { readState } from '../state/store.ts'
import { aclText, type HeldBack } from './acls/rules.ts'
import { surveyAcls } from './acls/sync.ts'
import { defaultTravel, type Travel } from './options.ts'
import type { OwnedRecord } from './owned.ts'
import { linkPrincipal } from './principal.ts'
import { planQuotas } from './quotas.ts'
import { planUsers } from './users.ts'

const LIMITS = { timeoutMs: 10_000 }

/** ACLs in words; `without`: a side that has no authorizer. */
export type AclSurvey = {
  readonly without: 'source' | 'destination' | null
  readonly create: readonly string[]
  readonly remove: readonly string[]
  readonly kept: readonly string[]
  readonly foreign: readonly string[]
  readonly withheld: readonly { readonly acl: string; readonly why: HeldBack }[]
  /** Entries, not the link's, that let somebody write to a mirror. */
  readonly writers: readonly string[]
}

/** What would be carried over now besides records and positions; null where nothing of it travels. */
export type TravelSurvey = {
  readonly acls: AclSurvey | null
  readonly quotas: {
    readonly changes: readonly string[]
    readonly made: number
    readonly foreign: number
  } | null
  readonly users: { readonly changes: readonly string[]; readonly missing: readonly string[] } | null
}

/** Whether there is anything to survey: asked for, or left by an earlier spec. */
export function carries(travel: Travel | undefined): boolean {
  const { acls, quotas, users } = travel ?? defaultTravel
  return acls !== null || quotas !== null || users !== null
}

/** A dry run of what travels besides records, on both clusters as they are. Writes nothing. @throws KmcError */
export async function surveyTravel(spec: LinkSpec): Promise<TravelSurvey> {
  await using source = await Cluster.connect(spec.source)
  await using destination = await Cluster.connect(spec.destination)
  const state = await readState(destination)
  const notes = state?.owned(spec.name) ?? new Map<string, OwnedRecord>()
  await source.refresh('all', LIMITS)
  const takes = nameMatcher(spec.topics)
  const topics = source.metadata.topics.map(({ name }) => name).filter(takes)
  const known = (state?.mirrors(spec.name) ?? []).map(({ topic, mirror }) => [topic, mirror] as const)
  const mirrors = new Map([...topics.map((topic) => [topic, spec.prefix + topic] as const), ...known])
  const travel = spec.travel ?? defaultTravel
  const sides = {
    source: state === null ? new TravelAdapter(source) : new TravelSource(source, destination),
    destination: new TravelAdapter(destination),
  }
  const has = (kind: OwnedRecord['kind']) => [...notes.values()].some((record) => record.kind === kind)
  return {
    acls:
      travel.acls === null && !has('acls')
        ? null
        : await surveyEntries(spec, source, sides, { mirrors, notes }),
    quotas: travel.quotas === null && !has('quota') ? null : await surveyQuotas(travel, sides, notes),
    users: travel.users === null && !has('user') ? null : await surveyUsers(spec, sides, notes),
  }
}

type Sides = { readonly source: TravelAdapter; readonly destination: TravelAdapter }
type Notes = ReadonlyMap<string, OwnedRecord>

async function surveyEntries(
  spec: LinkSpec,
  source: Cluster,
  sides: Sides,
  { mirrors, notes }: { readonly mirrors: ReadonlyMap<string, string>; readonly notes: Notes },
): Promise<AclSurvey> {
  const { groups: listed } = await listGroups(source, LIMITS)
  const groups = listed.map(({ groupId }) => groupId).filter(nameMatcher(spec.groups))
  const link = { topics: spec.topics, groups: spec.groups, prefix: spec.prefix }
  const rules = (spec.travel ?? defaultTravel).acls
  const view = { rules, link, principal: linkPrincipal(spec.destination), mirrors, groups }
  const survey = await surveyAcls(view, sides, notes)
  const nothing = { create: [], remove: [], kept: [], foreign: [], withheld: [], writers: [] }
  if (survey.without !== null) return { ...nothing, without: survey.without }
  const { create, remove, kept, foreign, withheld, writers } = survey.plan
  return {
    without: null,
    create: create.map(aclText),
    remove: remove.map(aclText),
    kept: kept.map(aclText),
    foreign: foreign.map(aclText),
    withheld: withheld.map(({ acl, why }) => ({ acl: aclText(acl), why })),
    writers: writers.map(aclText),
  }
}

async function surveyQuotas({ quotas: rules }: Travel, sides: Sides, notes: Notes) {
  const [source, present] = await Promise.all([sides.source.quotas(), sides.destination.quotas()])
  const { changes, made, foreign } = planQuotas({ rules, source, present, notes })
  return { changes: changes.map((change) => JSON.stringify(change)), made, foreign }
}

async function surveyUsers(spec: LinkSpec, sides: Sides, notes: Notes) {
  const [source, present] = await Promise.all([sides.source.users(), sides.destination.users()])
  const rules = (spec.travel ?? defaultTravel).users
  const given = { rules, passwords: spec.passwords ?? {}, again: false }
  const { changes, missing } = planUsers({ ...given, source, present, notes })
  return { changes: changes.map(({ action, user, mechanism }) => `${action} ${user} ${mechanism}`), missing }
}
