import type { JavaClient, JournalCounts, JournalWriter } from '../../harness/java/client.ts'
import type { Journal } from '../check/anomalies.ts'
import type { World } from './world.ts'

const cleaned = {
  'cleanup.policy': 'compact',
  'segment.ms': '15000',
  'min.cleanable.dirty.ratio': '0.3',
}

const common = { partitions: 4, valueBytes: 160 } as const

/** Who writes what, all the time. One topic has writers of two kinds in the same partitions. */
const writers: readonly JournalWriter[] = [
  { name: 'plain', kind: 'plain', topic: 'mixed', perSecond: 80, codec: 'none', ...common },
  { name: 'transactions', kind: 'transactional', topic: 'mixed', perSecond: 2, codec: 'zstd', ...common },
  { name: 'idempotent', kind: 'idempotent', topic: 'ordered', perSecond: 80, codec: 'lz4', ...common },
  { name: 'more', kind: 'transactional', topic: 'ordered', perSecond: 1, codec: 'none', ...common },
  { name: 'compacted', kind: 'idempotent', topic: 'cleaned', perSecond: 40, codec: 'lz4', ...common },
]

export const topics = ['mixed', 'ordered', 'cleaned'] as const
export type TopicName = (typeof topics)[number]

export function isCompacted(topic: TopicName): boolean {
  return topic === 'cleaned'
}

export async function startWriters({ java, source }: World): Promise<void> {
  const { access } = source.cluster
  await java.createTopics(
    access,
    topics.map((name) => ({
      name,
      partitions: common.partitions,
      configs: isCompacted(name) ? cleaned : {},
    })),
  )
  for (const writer of writers) await java.startJournal(access, writer)
}

export async function stopWriters(java: JavaClient): Promise<Journal[]> {
  return await Promise.all(
    writers.map(async (writer) => ({ ...writer, ...(await java.stopJournal(writer.name)) })),
  )
}

/** Records that were acknowledged so far. */
export async function acknowledged(java: JavaClient): Promise<number> {
  const counts: readonly JournalCounts[] = Object.values(await java.journalCounts())
  return counts.reduce((sum, one) => sum + one.acknowledged, 0)
}
