import { describeConfigs } from '../../../client/admin/configs.ts'
import { createTopics } from '../../../client/admin/create-topics.ts'
import type { LogDir } from '../../../client/admin/log-dirs.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { KafkaError } from '../../../client/errors.ts'
import { listOffsets } from '../../../client/list-offsets.ts'
import { isLeaderless, type TopicMetadata } from '../../../client/metadata.ts'
import { type Outcome, unwrap } from '../../../client/outcome.ts'
import { mirrorSettings, type SettingRules, type TopicConfig } from '../../mirrors/configs.ts'
import { known, type MirrorTopic, type ReplicaFacts, type SourceTopic, type Told } from '../facts.ts'
import { topicRights } from './rights.ts'
import { tell } from './tell.ts'

const LIMITS = { timeoutMs: 15_000 }

export function replicaFacts({ partitions }: TopicMetadata): ReplicaFacts {
  return {
    partitions: partitions.length,
    replicationFactor: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    leaderless: partitions.filter(isLeaderless).length,
    inSyncMin: Math.min(...partitions.map(({ isr }) => isr.length)),
  }
}

type ToldSettings = SourceTopic['settings']

/** Settings of topics: all as they count, and those of the topics' own. */
async function settingsOf(cluster: Cluster, names: readonly string[]): Promise<ToldSettings[]> {
  const queries = names.map((name) => ({ type: 'topic', name }) as const)
  const outcomes = await describeConfigs(cluster, queries, LIMITS)
  return outcomes.map((outcome) => {
    if (!outcome.ok) return { told: false, why: whyOf(outcome) }
    const set = outcome.value.filter(({ value }) => value !== null)
    const own = set.filter(({ source }) => source === 'topic')
    const table = (entries: typeof set) =>
      Object.fromEntries(entries.map(({ name, value }) => [name, value!]))
    return known({ effective: table(set), own: table(own) })
  })
}

function whyOf(outcome: Outcome<unknown> & { readonly ok: false }): string {
  return outcome.error instanceof KafkaError ? outcome.error.kafkaName : outcome.error.message
}

export type SourceQuestions = {
  readonly logDirs: Told<readonly LogDir[]>
  /** Records from before this are older than the destination remembers producers; null when that is not known. */
  readonly oldBefore: number | null
}

export async function sourceTopics(
  cluster: Cluster,
  names: readonly string[],
  { logDirs, oldBefore }: SourceQuestions,
): Promise<SourceTopic[]> {
  const found = names.map((name) => cluster.metadata.topic(name)!)
  const [rights, settings] = await Promise.all([topicRights(cluster, names), settingsOf(cluster, names)])
  return await Promise.all(
    found.map(async (topic, index) => ({
      name: topic.name,
      ...replicaFacts(topic),
      rights: rights[index]!,
      settings: settings[index]!,
      offsets: await offsetsIn(cluster, topic),
      bytes: logDirs.told ? known(bytesOf(logDirs.value, topic.name)) : logDirs,
      holdsOld: await tell(() => holdsOld(cluster, topic, oldBefore)),
    })),
  )
}

/** One replica of each partition: the largest that is found. */
function bytesOf(logDirs: readonly LogDir[], topic: string): number {
  const replicas = logDirs.flatMap(({ partitions }) => partitions.filter((one) => one.topic === topic))
  const byPartition = Map.groupBy(replicas, ({ partition }) => partition)
  return [...byPartition.values()].reduce((sum, all) => sum + Math.max(...all.map((one) => one.sizeBytes)), 0)
}

function partitionsOf({ name: topic, partitions }: TopicMetadata) {
  return partitions.map(({ partition }) => ({ topic, partition }))
}

function offsetsIn(cluster: Cluster, topic: TopicMetadata): Promise<Told<number>> {
  return tell(async () => {
    const ask = (at: 'start' | 'end') =>
      listOffsets(
        cluster,
        partitionsOf(topic).map((partition) => ({ ...partition, at })),
        LIMITS,
      )
    const [starts, ends] = await Promise.all([ask('start'), ask('end')])
    return ends.reduce((sum, end, index) => sum + unwrap(end).offset - unwrap(starts[index]!).offset, 0)
  })
}

/** Whether the first record at or after that time is not the first of the log. */
async function holdsOld(cluster: Cluster, topic: TopicMetadata, before: number | null): Promise<boolean> {
  if (before === null) return false
  const ask = (at: 'start' | 'end' | { timestampMs: number }) =>
    listOffsets(
      cluster,
      partitionsOf(topic).map((partition) => ({ ...partition, at })),
      LIMITS,
    )
  const [starts, ends, later] = await Promise.all([ask('start'), ask('end'), ask({ timestampMs: before })])
  return starts.some((start, index) => {
    const from = unwrap(start).offset
    const found = unwrap(later[index]!).offset
    // No record at or after: all of them are older, if there are any.
    return found < 0 ? unwrap(ends[index]!).offset > from : found > from
  })
}

/** A mirror that is there, or what would happen if it were made. */
export type Wanted = {
  readonly mirror: string
  readonly topic: string
  readonly partitions: number
  readonly own: TopicConfig
  readonly rules: SettingRules
  readonly keeper: string | null
}

export async function mirrorTopics(cluster: Cluster, wanted: readonly Wanted[]): Promise<MirrorTopic[]> {
  const names = wanted.map(({ mirror }) => mirror)
  const present = wanted.filter(({ mirror }) => cluster.metadata.topic(mirror) !== undefined)
  const absent = wanted.filter(({ mirror }) => cluster.metadata.topic(mirror) === undefined)
  const [rights, settings, created] = await Promise.all([
    topicRights(cluster, names),
    settingsOf(
      cluster,
      present.map(({ mirror }) => mirror),
    ),
    tryCreation(cluster, absent),
  ])
  const settled = new Map(present.map(({ mirror }, index) => [mirror, settings[index]!]))
  return await Promise.all(
    wanted.map(async ({ mirror, topic, keeper }, index): Promise<MirrorTopic> => {
      const found = cluster.metadata.topic(mirror)
      const trial = created.get(mirror)
      return {
        name: mirror,
        topic,
        rights: rights[index]!,
        present: found === undefined ? null : replicaFacts(found),
        offsets: found === undefined ? known(0) : await offsetsIn(cluster, found),
        settings: settled.get(mirror) ?? trial!.settings,
        refusal: trial?.refusal ?? known(null),
        keeper,
      }
    }),
  )
}

type Trial = { readonly settings: ToldSettings; readonly refusal: MirrorTopic['refusal'] }

/** Asks the controller to check the making of topics without making any. */
async function tryCreation(cluster: Cluster, wanted: readonly Wanted[]): Promise<Map<string, Trial>> {
  if (wanted.length === 0) return new Map()
  const topics = wanted.map(({ mirror: name, partitions, own, rules }) => {
    return { name, partitions, configs: mirrorSettings(own, rules) }
  })
  const outcomes = await createTopics(cluster, topics, { validateOnly: true, ...LIMITS })
  return new Map(
    outcomes.map((outcome, index): readonly [string, Trial] => {
      const { mirror, own, rules } = wanted[index]!
      if (!outcome.ok) {
        const { error } = outcome
        const settings = { told: false, why: whyOf(outcome) } as const
        const refusal = isAnswer(error)
          ? known({ error: error.kafkaName, message: error.message.split(': ').slice(2).join(': ') })
          : settings
        return [mirror, { settings, refusal }]
      }
      const { configs } = outcome.value
      const effective = Object.fromEntries([...(configs ?? [])].map(([name, value]) => [name, value ?? '']))
      const settings: ToldSettings =
        configs === null
          ? { told: false, why: 'DESCRIBE_CONFIGS is missing' }
          : known({ effective, own: mirrorSettings(own, rules) })
      return [mirror, { settings, refusal: known(null) }]
    }),
  )
}

/** A refusal that says something of the topic, and not of the moment. */
function isAnswer(error: unknown): error is KafkaError {
  return error instanceof KafkaError && !error.retriable
}
