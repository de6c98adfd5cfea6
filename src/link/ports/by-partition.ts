import type { TopicPartition } from '../port.ts'

/** Items in the nested shape of Kafka's requests: topics, each with its partitions, in the order of first sight. */
export function groupByTopic<T extends TopicPartition>(
  items: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(items, ({ topic }) => topic)
}

/**
 * Brings the nested answers of a broker into the order of what was asked. An answer that lacks a partition is an
 * error of the whole request: nothing is assumed about it.
 */
export function inOrder<Item extends TopicPartition, Answer>(
  what: string,
  items: readonly Item[],
  answers: Iterable<readonly [topic: string, partition: number, answer: Answer]>,
): Answer[] {
  const byName = new Map<string, Map<number, Answer>>()
  for (const [topic, partition, answer] of answers) {
    const partitions = byName.get(topic) ?? new Map<number, Answer>()
    byName.set(topic, partitions.set(partition, answer))
  }
  return items.map(({ topic, partition }) => {
    const answer = byName.get(topic)?.get(partition)
    if (answer === undefined)
      throw new Error(`${what}: the broker left ${topic}-${partition} out of its answer`)
    return answer
  })
}
