import type { KmcError } from '../../base/error.ts'
import { type CreatedTopic, createTopics } from '../../client/admin/create-topics.ts'
import { isKafkaError } from '../../client/errors.ts'
import type { Outcome } from '../../client/outcome.ts'
import { connectOne } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit } from '../exit.ts'
import { parseCount } from '../terminal/units.ts'
import { withCluster } from '../topics.ts'

type TopicCreateOptions = {
  readonly cluster?: string
  readonly partitions?: number
  readonly replicationFactor?: number
  readonly config: Readonly<Record<string, string>>
  readonly ifNotExists?: true
}

export const topicCreate: CommandDefinition<TopicCreateOptions> = {
  description:
    'Creates topics on one cluster. Counts that are left out are the defaults of the brokers (num.partitions, ' +
    'default.replication.factor).',
  examples: [
    ['kmc topic create orders --cluster seoul --partitions 12', 'a topic with twelve partitions'],
    [
      'kmc topic create stock --cluster seoul -c cleanup.policy=compact -c segment.ms=60000',
      'a compacted topic',
    ],
  ],
  configure: (command) =>
    withCluster(command)
      .argument('<topics...>')
      .option('--partitions <number>', 'partitions of each', (text) =>
        parseCount(text, '--partitions', { min: 1 }),
      )
      .option('--replication-factor <number>', 'replicas of each partition', (text) =>
        parseCount(text, '--replication-factor', { min: 1, max: 32_767 }),
      )
      .option('-c, --config <name=value>', 'a setting of the topic; may be repeated', collectConfig, {})
      .option('--if-not-exists', 'topics that are there already are no failure, whatever they look like'),
  async run(context, options, names) {
    await using cluster = await connectOne(context, options.cluster)
    const { partitions, replicationFactor, config } = options
    const topics = names.map((name) => ({ name, partitions, replicationFactor, configs: config }))
    const outcomes = await createTopics(cluster, topics, { signal: context.signal })
    const rows = outcomes.map((outcome, index) => rowOf(outcome, cluster.name, names[index]!, options))
    for (const row of rows) if (row instanceof Error) context.out.problem(row)
    const made = rows.flatMap((row) => (row instanceof Error ? [] : [row]))
    await context.out.value(made, () => {
      for (const row of made) context.out.line(sentence(row))
    })
    return made.length === rows.length ? Exit.ok : Exit.failed
  },
}

type CreatedRow = {
  readonly cluster: string
  readonly topic: string
  readonly state: 'created' | 'exists'
  /** null for a topic that was there before. */
  readonly partitions: number | null
  readonly replicationFactor: number | null
}

function rowOf(
  outcome: Outcome<CreatedTopic>,
  cluster: string,
  topic: string,
  { ifNotExists }: TopicCreateOptions,
): CreatedRow | KmcError {
  if (outcome.ok) {
    const { partitions, replicationFactor } = outcome.value
    return { cluster, topic, state: 'created', partitions, replicationFactor }
  }
  if (!ifNotExists || !isKafkaError(outcome.error, 'TOPIC_ALREADY_EXISTS')) return outcome.error
  return { cluster, topic, state: 'exists', partitions: null, replicationFactor: null }
}

function sentence({ cluster, topic, state, partitions, replicationFactor }: CreatedRow): string {
  const counts =
    partitions === null ? '' : `: partitions ${partitions}, replication factor ${replicationFactor}`
  return `${topic} ${state} on ${cluster}${counts}`
}

function collectConfig(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw usageError(`--config: "${text}" is not name=value`)
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}
