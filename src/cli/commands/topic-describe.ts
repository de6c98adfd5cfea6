import { describeConfigs } from '../../client/admin/configs.ts'
import type { Cluster } from '../../client/cluster.ts'
import { listOffsets, type OffsetPoint } from '../../client/list-offsets.ts'
import { isUnderReplicated, type TopicMetadata } from '../../client/metadata.ts'
import { unwrap } from '../../client/outcome.ts'
import { askEach } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { groupDigits } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { findTopic, topicIfThere, topicUnknown, withClusters } from '../topics.ts'

type PartitionRow = {
  readonly partition: number
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly isr: readonly number[]
  /** First offset kept and next offset; null where the leader did not say. */
  readonly start: number | null
  readonly end: number | null
}

type TopicDescription = {
  readonly cluster: string
  readonly topic: string
  readonly topicId: string
  readonly partitions: readonly PartitionRow[]
  /** Settings that differ from the broker's own. */
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export const topicDescribe: CommandDefinition<{ readonly cluster?: string }> = {
  description:
    'Shows a topic: partitions with leader, replicas and offsets, and the settings that were made for it. Without ' +
    '--cluster, in every cluster that has it, so that a topic and its mirror stand side by side.',
  examples: [
    ['kmc topic describe orders', 'in every cluster that has it'],
    ['kmc topic describe orders --cluster seoul -o json', 'for programs: a list with one entry a cluster'],
  ],
  configure: (command) => withClusters(command).argument('<topic>'),
  async run(context, options, [name]) {
    const answers = await askEach(context, options.cluster, async (cluster, signal) => {
      // The only cluster's answer is the answer: its error says what was probably meant.
      const topic =
        options.cluster === undefined
          ? await topicIfThere(cluster, name!, signal)
          : await findTopic(cluster, name!, signal)
      return topic === null ? null : await describeTopic(cluster, topic, signal)
    })
    const found = answers.flatMap(({ answer }) => (answer === null ? [] : [answer]))
    if (found.length === 0)
      throw topicUnknown(
        name!,
        answers.map(({ cluster }) => cluster),
      )
    await context.out.value(found, () => {
      for (const [index, description] of found.entries()) {
        if (index > 0) context.out.line()
        print(description, context.out)
      }
    })
    return Exit.ok
  },
}

async function describeTopic(
  cluster: Cluster,
  topic: TopicMetadata,
  signal: AbortSignal,
): Promise<TopicDescription> {
  const offsets = async (at: OffsetPoint): Promise<(number | null)[]> => {
    const queries = topic.partitions.map(({ partition }) => ({ topic: topic.name, partition, at }))
    const outcomes = await listOffsets(cluster, queries, { signal, timeoutMs: 5_000 })
    return outcomes.map((outcome) => (outcome.ok ? outcome.value.offset : null))
  }
  const [starts, ends, [configs]] = await Promise.all([
    offsets('start'),
    offsets('end'),
    describeConfigs(cluster, [{ type: 'topic', name: topic.name }], { signal }),
  ])
  return {
    cluster: cluster.name,
    topic: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitions.map(({ partition, leader, replicas, isr }, index) => ({
      partition,
      leader: leader < 0 ? null : leader,
      replicas,
      isr,
      start: starts[index] ?? null,
      end: ends[index] ?? null,
    })),
    configs: unwrap(configs!)
      .filter(({ source }) => source === 'topic')
      .map(({ name, value }) => ({ name, value })),
  }
}

function print({ cluster, topic, topicId, partitions, configs }: TopicDescription, out: Output): void {
  const sizes = partitions.map(({ start, end }) => (start === null || end === null ? null : end - start))
  const total = sizes.includes(null)
    ? '-'
    : groupDigits(sizes.reduce((sum: number, size) => sum + (size ?? 0), 0))
  out.fields([
    ['topic', printable(topic)],
    ['cluster', cluster],
    ['id', topicId],
    ['offsets', total],
    [
      'settings',
      configs.length === 0
        ? 'the defaults'
        : configs.map(({ name, value }) => `${name}=${value ?? '-'}`).join(' '),
    ],
  ])
  const rows = out.table(partitions, [
    { title: 'partition', value: ({ partition }) => partition, align: 'right' },
    { title: 'leader', value: ({ leader }) => leader, align: 'right' },
    { title: 'replicas', value: ({ replicas }) => replicas.join(',') },
    {
      title: 'in sync',
      value: ({ isr }) => isr.join(','),
      paint: (text, row) => (isUnderReplicated(row) ? out.palette.bad(text) : text),
    },
    { title: 'start', value: ({ start }) => start, align: 'right' },
    { title: 'end', value: ({ end }) => end, align: 'right' },
  ])
  for (const line of ['', ...rows]) out.line(line)
}
