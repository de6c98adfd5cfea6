import type { NewAcl } from '../../../client/admin/acls.ts'
import { describeConfigs } from '../../../client/admin/configs.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { isLeaderless, type TopicMetadata } from '../../../client/metadata.ts'
import { unwrap } from '../../../client/outcome.ts'
import { TravelAdapter } from '../../../link/ports/travel.ts'
import { FenceLog } from '../../../link/state/fences.ts'
import { readLog } from '../../../link/state/open.ts'
import { keyOfAcl } from '../../../link/travel/acls/rules.ts'
import type { QuotaFacts, SettingFacts, Settings, SideFacts, TopicFacts } from '../facts.ts'
import type { Budget } from './budget.ts'
import { readGroups } from './groups.ts'
import { readLogs } from './logs.ts'
import { readProducers, readTransactions } from './writers.ts'

/** What of a cluster matters to a route: the topics that its link keeps, by their names there. */
export type SideScope = {
  readonly topics: readonly string[]
  /** Also who writes: at the cluster that is active. */
  readonly writers: boolean
}

/** Reads one side of a route, everything at once; its metadata are fresh already. */
export async function readSide(cluster: Cluster, scope: SideScope, budget: Budget): Promise<SideFacts> {
  const travel = new TravelAdapter(cluster)
  const all = cluster.metadata.topics.map(topicFacts)
  const topics = new Map(all.map((topic) => [topic.name, topic]))
  const wanted = scope.topics.flatMap((name) => topics.get(name) ?? [])
  const notAsked = { told: false, why: 'it was not asked' } as const
  const writing = all.filter(({ name }) => !isOwnTopic(name))
  const [logs, settings, acls, users, quotas, groups, producers, transactions] = await Promise.all([
    readLogs(cluster, wanted, budget),
    budget.ask('settings', () => readSettings(cluster, wanted, budget)),
    budget.ask('ACLs', () => clientAcls(cluster, travel)),
    budget.ask('users', async () => {
      const found = await travel.users()
      return new Map(found.map(({ user, credentials }) => [user, credentials.map((one) => one.mechanism)]))
    }),
    budget.ask('quotas', async () => (await travel.quotas()).map(quotaFacts)),
    budget.ask('groups', () => readGroups(cluster, budget)),
    scope.writers ? budget.ask('producers', () => readProducers(cluster, writing, budget)) : notAsked,
    scope.writers ? budget.ask('transactions', () => readTransactions(cluster, budget)) : notAsked,
  ])
  const { name, clusterId } = cluster
  return { name, clusterId, topics, logs, settings, acls, users, quotas, groups, producers, transactions }
}

/** Entries of a fence say nothing of what clients may do once the route leads here: it is lifted before. */
async function clientAcls(cluster: Cluster, travel: TravelAdapter): Promise<NewAcl[] | null> {
  const acls = await travel.acls()
  if (acls === null || !acls.some(({ permission }) => permission === 'deny')) return acls
  const fences = await readLog(cluster, { as: FenceLog })
  const own = new Set(fences?.entriesOn(cluster.name).map(keyOfAcl))
  return acls.filter((acl) => !own.has(keyOfAcl(acl)))
}

/** Topics of Kafka's and of kmc's own; those of others that begin so (`__debezium-heartbeat.`) have a point in them. */
export function isOwnTopic(name: string): boolean {
  return name.startsWith('__') && !name.includes('.')
}

function topicFacts({ name, topicId: id, partitions }: TopicMetadata): TopicFacts {
  return {
    name,
    id,
    partitions: partitions.length,
    replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    leaderless: partitions.filter(isLeaderless).map(({ partition }) => partition),
  }
}

async function readSettings(
  cluster: Cluster,
  topics: readonly TopicFacts[],
  budget: Budget,
): Promise<SettingFacts> {
  const queries = topics.map(({ name }) => ({ type: 'topic', name }) as const)
  const [outcomes, first] = await Promise.all([
    describeConfigs(cluster, queries, budget.limits),
    // What brokers make of a setting that a topic does not have is the same for all topics.
    describeConfigs(cluster, queries.slice(0, 1), { synonyms: true, ...budget.limits }),
  ])
  const known = outcomes.map((outcome, index) => {
    const set = unwrap(outcome).filter(({ value, isReadOnly }) => value !== null && !isReadOnly)
    const own = set.filter(({ source }) => source === 'topic')
    return [topics[index]!.name, { effective: table(set), own: table(own) }] as const
  })
  const defaults = first.flatMap(unwrap).flatMap(({ name, synonyms }) => {
    const beneath = synonyms.find(({ source }) => source !== 'topic')
    return beneath === undefined ? [] : [{ name, value: beneath.value }]
  })
  const kept = await budget.ask('the retention', () => retentionOf(cluster, budget))
  const retention = kept.told && kept.value !== null ? { 'retention.ms': kept.value } : {}
  return { topics: new Map(known), defaults: { ...table(defaults), ...retention } }
}

/** Brokers have it in three units, of which the finest counts; beside a topic's own value they name the first alone. */
const RETENTION = { 'log.retention.ms': 1, 'log.retention.minutes': 60_000, 'log.retention.hours': 3_600_000 }

async function retentionOf(cluster: Cluster, budget: Budget): Promise<string | null> {
  const [broker] = cluster.metadata.brokers
  if (broker === undefined) return null
  const query = { type: 'broker', name: String(broker.nodeId), names: Object.keys(RETENTION) } as const
  const [outcome] = await describeConfigs(cluster, [query], budget.limits)
  const set = table(unwrap(outcome!))
  const unit = Object.entries(RETENTION).find(([name]) => name in set)
  if (unit === undefined) return null
  const value = Number(set[unit[0]])
  return String(value < 0 ? -1 : value * unit[1])
}

function table(entries: readonly { readonly name: string; readonly value: string | null }[]): Settings {
  return Object.fromEntries(entries.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])))
}

type Quota = Awaited<ReturnType<TravelAdapter['quotas']>>[number]

function quotaFacts({ entity, values }: Quota): QuotaFacts {
  const parts = Object.entries(entity).map(([type, name]) => `${type} ${name ?? '(default)'}`)
  const table = Object.fromEntries([...values].map(([key, value]) => [key, String(value)]))
  return { entity: parts.sort().join(', '), values: table }
}
