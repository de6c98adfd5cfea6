import { describeLogDirs } from '../../../client/admin/log-dirs.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { type ListedOffset, listOffsets } from '../../../client/list-offsets.ts'
import type { Outcome } from '../../../client/outcome.ts'
import type { LogFacts, TopicFacts } from '../facts.ts'
import type { Budget } from './budget.ts'

const POINTS = ['start', 'end', 'max-timestamp'] as const

/** Where the logs of topics begin and end, by `topic-partition`; partitions without a leader are not asked for. */
export async function readLogs(
  cluster: Cluster,
  topics: readonly TopicFacts[],
  budget: Budget,
): Promise<ReadonlyMap<string, LogFacts>> {
  const partitions = topics.flatMap(({ name, partitions: count, leaderless }) => {
    const all = Array.from({ length: count }, (_, partition) => ({ topic: name, partition }))
    return all.filter(({ partition }) => !leaderless.includes(partition))
  })
  const queries = POINTS.flatMap((at) => partitions.map((where) => ({ ...where, at })))
  const [offsets, sizes] = await Promise.all([
    budget.ask('offsets', () => listOffsets(cluster, queries, budget.limits)),
    budget.ask('sizes', () => sizesOf(cluster, budget)),
  ])
  const facts = partitions.map(({ topic, partition }, index): [string, LogFacts] => {
    const name = `${topic}-${partition}`
    const found = (point: number): ListedOffset | null =>
      offsets.told ? answered(offsets.value[point * partitions.length + index]!) : null
    const [start, end, newest] = [found(0), found(1), found(2)]
    const timestamp = newest?.timestamp ?? -1
    return [
      name,
      {
        start: start?.offset ?? null,
        end: end?.offset ?? null,
        newest: timestamp >= 0 ? timestamp : null,
        bytes: sizes.told ? (sizes.value.get(name) ?? null) : null,
      },
    ]
  })
  return new Map(facts)
}

function answered<T>(outcome: Outcome<T>): T | null {
  return outcome.ok ? outcome.value : null
}

/** What one replica of each partition takes: the largest that is found. */
async function sizesOf(cluster: Cluster, budget: Budget): Promise<Map<string, number>> {
  const { logDirs } = await describeLogDirs(cluster, budget.limits)
  const sizes = new Map<string, number>()
  for (const { topic, partition, sizeBytes, isFuture } of logDirs.flatMap((dir) => dir.partitions)) {
    const name = `${topic}-${partition}`
    if (!isFuture) sizes.set(name, Math.max(sizes.get(name) ?? 0, sizeBytes))
  }
  return sizes
}
