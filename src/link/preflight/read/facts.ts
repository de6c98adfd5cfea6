import { listGroups } from '../../../client/admin/list-groups.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { isKafkaError } from '../../../client/errors.ts'
import { initProducerId } from '../../../client/producer-id.ts'
import type { SettingRules } from '../../mirrors/configs.ts'
import { namedInFull, nameMatcher } from '../../names.ts'
import { DestinationAdapter } from '../../ports/destination.ts'
import { SourceAdapter } from '../../ports/source.ts'
import type { LinkSpec } from '../../spec.ts'
import { readState } from '../../state/store.ts'
import { STATE_TOPIC } from '../../state/value.ts'
import type { StateView } from '../../state/view.ts'
import { transactionalIdPrefix } from '../../transactions/gap-transactions.ts'
import { possiblePath } from '../../transactions/path.ts'
import { defaultTravel } from '../../travel/options.ts'
import type { Facts, GroupFacts, InternalTopic, SourceTopic } from '../facts.ts'
import { groupRights } from './rights.ts'
import { readLogDirs, sideFacts } from './sides.ts'
import { tell } from './tell.ts'
import { mirrorTopics, replicaFacts, sourceTopics, type Wanted } from './topics.ts'

const LIMITS = { timeoutMs: 10_000 }
/** Groups whose rights are asked for one by one; of more, the first tell enough. */
const GROUPS_MAX = 200
const INTERNAL_TOPICS = ['__consumer_offsets', '__transaction_state']

/** Reads everything that the checks judge. Changes nothing on either side. */
export async function readFacts(spec: LinkSpec, source: Cluster, destination: Cluster): Promise<Facts> {
  await Promise.all([source.refresh('all', LIMITS), destination.refresh('all', LIMITS)])
  const [sourceDirs, destinationDirs, state] = await Promise.all([
    readLogDirs(source),
    readLogDirs(destination),
    tell(() => readState(destination)),
  ])
  const [sourceSide, destinationSide, gaps, producerId] = await Promise.all([
    sideFacts(source, 'source', sourceDirs),
    sideFacts(destination, 'destination', destinationDirs),
    tell(() => possiblePath(destination, spec.name)),
    tell(() => mayHaveProducerId(destination)),
  ])
  const { topics, unseenTopics } = await topicsOf(spec, source, destination)
  const rules = await settingRules(spec, destination)
  const view = state.told ? state.value : null
  const oldBefore = rememberedSince(destinationSide)
  const found = await sourceTopics(source, topics, { logDirs: sourceDirs, oldBefore })
  const wanted = [...found.map((topic) => wantedMirror(spec, topic, rules, view)), wantedState(rules)]
  const mirrors = await mirrorTopics(destination, wanted)
  return {
    link: spec.name,
    topics: spec.topics,
    prefix: spec.prefix,
    rules,
    source: sourceSide,
    destination: destinationSide,
    recordedSource: view?.link(spec.name)?.source.clusterId ?? null,
    gaps,
    producerId,
    sourceTopics: found,
    unseenTopics,
    mirrors: mirrors.slice(0, -1),
    state: mirrors.at(-1)!,
    groups: await groupFacts(spec, source, destination),
    internals: INTERNAL_TOPICS.map((name) => internalTopic(destination, name)),
  }
}

async function topicsOf(spec: LinkSpec, source: Cluster, destination: Cluster) {
  const all = source.metadata.topics.map(({ name }) => name)
  const returning = await new SourceAdapter(source).mirrorsOf(destination.clusterId, all)
  const matches = nameMatcher(spec.topics)
  const topics = all.filter((name) => matches(name) && !returning.has(name)).sort()
  return { topics, unseenTopics: namedInFull(spec.topics).filter((name) => !all.includes(name)) }
}

async function settingRules(
  { travel = defaultTravel }: LinkSpec,
  destination: Cluster,
): Promise<SettingRules> {
  const known = await tell(async () => (await new DestinationAdapter(destination).knownSettings?.()) ?? null)
  return { ...travel.configs, known: known.told ? known.value : null }
}

function wantedMirror(
  { name: link, prefix }: LinkSpec,
  topic: SourceTopic,
  rules: SettingRules,
  view: StateView | null,
): Wanted {
  const mirror = prefix + topic.name
  const own = topic.settings.told ? topic.settings.value.own : {}
  return {
    mirror,
    topic: topic.name,
    partitions: topic.partitions,
    own,
    rules,
    keeper: keeperOf(mirror, link, view),
  }
}

function wantedState(rules: SettingRules): Wanted {
  return { mirror: STATE_TOPIC, topic: STATE_TOPIC, partitions: 1, own: {}, rules, keeper: null }
}

/** The link itself before any other that notes the same mirror. */
function keeperOf(mirror: string, link: string, view: StateView | null): string | null {
  if (view === null) return null
  const names = [link, ...view.links().map(({ name }) => name)]
  return names.find((name) => view.mirrors(name).some((record) => record.mirror === mirror)) ?? null
}

async function groupFacts(spec: LinkSpec, source: Cluster, destination: Cluster): Promise<GroupFacts[]> {
  const listed = await tell(() => listGroups(source, LIMITS))
  const matches = nameMatcher(spec.groups)
  const seen = listed.told ? listed.value.groups.filter(({ type }) => type !== 'share') : []
  const carried = new Set(seen.map(({ groupId }) => groupId).filter(matches))
  for (const group of namedInFull(spec.groups)) carried.add(group)
  const groups = [...carried].sort().slice(0, GROUPS_MAX)
  const there = [...groups, transactionalIdPrefix(spec.name)]
  const [here, beyond] = await Promise.all([groupRights(source, groups), groupRights(destination, there)])
  return [
    ...groups.map((group, index) => ({ group, side: 'source', rights: here[index]! }) as const),
    ...there.map((group, index) => ({ group, side: 'destination', rights: beyond[index]! }) as const),
  ]
}

/** Since when the destination remembers producers of records by their timestamps; null when it does not say. */
function rememberedSince({ brokerSettings }: Facts['destination']): number | null {
  const kept = brokerSettings.told ? Number(brokerSettings.value['producer.id.expiration.ms']) : Number.NaN
  return Number.isFinite(kept) ? Date.now() - kept : null
}

async function mayHaveProducerId(cluster: Cluster): Promise<boolean> {
  try {
    await initProducerId(cluster, LIMITS)
    return true
  } catch (error) {
    if (isKafkaError(error, 'CLUSTER_AUTHORIZATION_FAILED')) return false
    throw error
  }
}

/** Hidden from who may not describe it, and then no finding either way. */
function internalTopic(cluster: Cluster, name: string): InternalTopic {
  const found = cluster.metadata.topic(name)
  return { name, present: found === undefined ? null : replicaFacts(found), minInsync: null }
}
