import { deleteTopics } from '../../client/admin/delete-topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import type { TopicMetadata } from '../../client/metadata.ts'
import { connectOne } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { confirm } from '../terminal/confirm.ts'
import { groupDigits } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { findTopic, withCluster } from '../topics.ts'

/** One topic that is gone. */
type DeletedRow = { readonly cluster: string; readonly topic: string; readonly state: 'deleted' }

export const topicDelete: CommandDefinition<{ readonly cluster?: string; readonly yes?: true }> = {
  description:
    'Deletes topics of one cluster with everything in them, for good. Asks for the name of the topic (of the cluster, where ' +
    'several topics are named), or takes --yes. A mirror that a link keeps is made again by the link, from the source.',
  examples: [
    ['kmc topic delete orders --cluster seoul', 'asks before'],
    ['kmc topic delete old-1 old-2 --cluster seoul --yes', 'for scripts'],
  ],
  configure: (command) => withCluster(command).argument('<topics...>').option('-y, --yes', 'do not ask'),
  async run(context, options, names) {
    const { out, signal } = context
    await using cluster = await connectOne(context, options.cluster)
    const topics = await Promise.all(names.map((name) => findTopic(cluster, name, signal)))
    const contents = await Promise.all(topics.map((topic) => contentOf(cluster, topic, signal)))
    const warning = `This deletes from ${cluster.name} for good: ${contents.join('; ')}`
    const word = names.length === 1 ? names[0]! : cluster.name
    await confirm(context, { warning, word, yes: options.yes === true })
    const outcomes = await deleteTopics(cluster, names, { signal })
    const deleted = names.filter((_, index) => outcomes[index]!.ok)
    let exitCode: ExitCode = Exit.ok
    for (const outcome of outcomes) {
      if (outcome.ok) continue
      out.problem(outcome.error)
      exitCode = Exit.failed
    }
    const rows = deleted.map((topic): DeletedRow => ({ cluster: cluster.name, topic, state: 'deleted' }))
    await out.value(rows, () => {
      for (const { topic } of rows) out.line(`${topic} deleted from ${cluster.name}`)
    })
    return exitCode
  },
}

/** `orders (3 partitions, 12,345 offsets)`: what would be gone. */
async function contentOf(cluster: Cluster, topic: TopicMetadata, signal: AbortSignal): Promise<string> {
  const queries = topic.partitions.flatMap(({ partition }) => [
    { topic: topic.name, partition, at: 'end' as const },
    { topic: topic.name, partition, at: 'start' as const },
  ])
  const outcomes = await listOffsets(cluster, queries, { signal, timeoutMs: 5_000 })
  let offsets: number | null = 0
  for (const [index, outcome] of outcomes.entries()) {
    if (!outcome.ok) offsets = null
    else if (offsets !== null) offsets += index % 2 === 0 ? outcome.value.offset : -outcome.value.offset
  }
  const amount = offsets === null ? 'an unknown number of offsets' : `${groupDigits(offsets)} offsets`
  return `${printable(topic.name)} (${topic.partitions.length} partitions, ${amount})`
}
