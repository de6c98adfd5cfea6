import { listTopics } from '../../client/admin/topics.ts'
import {
  isInternalTopic,
  isLeaderless,
  isUnderReplicated,
  type TopicMetadata,
} from '../../client/metadata.ts'
import { nameMatcher } from '../../link/names.ts'
import { askEach } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Palette } from '../terminal/color.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { withClusters } from '../topics.ts'

type TopicListOptions = { readonly cluster?: string; readonly internal?: true }

type TopicRow = {
  readonly cluster: string
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly internal: boolean
  /** Partitions with a replica that is not in sync, and without a leader. */
  readonly underReplicated: number
  readonly leaderless: number
}

export const topicList: CommandDefinition<TopicListOptions> = {
  description:
    'Lists the topics of all clusters side by side, or of one. Internal topics (names beginning with __) are left out ' +
    'unless --internal is given or a name is written in full.',
  examples: [
    ['kmc topic list', 'topics of every cluster'],
    ["kmc topic list 'orders*' --cluster seoul", 'by glob; a leading ! leaves names out'],
    ['kmc topic list -o json', 'for programs'],
  ],
  configure: (command) =>
    withClusters(command)
      .argument('[patterns...]', 'names or globs (*, ?)')
      .option('--internal', 'internal topics too'),
  async run(context, options, patterns) {
    const wanted = patterns.length > 0 ? nameMatcher(patterns) : () => true
    const answers = await askEach(context, options.cluster, (cluster, signal) =>
      listTopics(cluster, { signal }),
    )
    const rows = answers.flatMap(({ cluster, answer }) =>
      answer
        .map((topic) => rowOf(cluster, topic))
        .filter(
          ({ topic, internal }) => wanted(topic) && (!internal || options.internal || patterns.length > 0),
        )
        .sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    )
    await context.out.rows(rows, columns(context.out.palette), 'No topics.')
    return Exit.ok
  },
}

function rowOf(cluster: string, topic: TopicMetadata): TopicRow {
  const { name, partitions } = topic
  return {
    cluster,
    topic: name,
    partitions: partitions.length,
    replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    internal: isInternalTopic(topic),
    underReplicated: partitions.filter(isUnderReplicated).length,
    leaderless: partitions.filter(isLeaderless).length,
  }
}

function columns(palette: Palette): Column<TopicRow>[] {
  return [
    { title: 'cluster', value: ({ cluster }) => cluster },
    { title: 'topic', value: ({ topic }) => printable(topic), shrink: true },
    { title: 'partitions', value: ({ partitions }) => partitions, align: 'right' },
    { title: 'replicas', value: ({ replicationFactor }) => replicationFactor, align: 'right' },
    {
      title: 'health',
      value: healthOf,
      paint: (text, row) => (healthOf(row) === 'ok' ? palette.good(text) : palette.bad(text)),
    },
  ]
}

function healthOf({ underReplicated, leaderless }: TopicRow): string {
  const parts = [
    ...(leaderless > 0 ? [`${leaderless} without leader`] : []),
    ...(underReplicated > 0 ? [`${underReplicated} under-replicated`] : []),
  ]
  return parts.length === 0 ? 'ok' : parts.join(', ')
}
