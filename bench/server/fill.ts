import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { unwrap } from '../../src/client/outcome.ts'
import type { Side } from '../link/arena.ts'

const TOPICS_AT_ONCE = 500
const GROUPS_AT_ONCE = 50
/** The first coordinator of a fresh cluster takes a while. */
const PATIENT = { timeoutMs: 300_000 }
const GROUP_PARTITIONS = 20

export const topicName = (index: number) => `orders.${String(index).padStart(5, '0')}`
export const groupName = (index: number) => `readers.${String(index).padStart(4, '0')}`

export type Contents = { readonly topics: number; readonly groups: number }

/** Makes topics of one partition, and groups that have read twenty of them each. */
export async function fill(
  { cluster }: Side,
  { topics, groups }: Contents,
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < topics; from += TOPICS_AT_ONCE) {
    signal.throwIfAborted()
    const names = range(from, Math.min(topics, from + TOPICS_AT_ONCE)).map(topicName)
    const wanted = names.map((name) => ({ name, partitions: 1, replicationFactor: 1 }))
    for (const made of await createTopics(cluster, wanted)) unwrap(made)
  }
  for (let from = 0; from < groups; from += GROUPS_AT_ONCE) {
    signal.throwIfAborted()
    const part = range(from, Math.min(groups, from + GROUPS_AT_ONCE)).map((group) => ({
      groupId: groupName(group),
      offsets: readBy(group, topics).map((topic) => ({ topic, partition: 0, offset: 0, metadata: '' })),
    }))
    for (const outcome of (await commitOffsets(cluster, part, PATIENT)).flat()) unwrap(outcome)
  }
}

function readBy(group: number, topics: number): string[] {
  return range(0, Math.min(GROUP_PARTITIONS, topics)).map((index) =>
    topicName((group * GROUP_PARTITIONS + index) % topics),
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}
