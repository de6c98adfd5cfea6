import type { AssignedPartitions } from './consumer-protocol.ts'

/** A member and what it wants. `order`: by which members are put in a row, the static name where there is one. */
export type Subscriber = {
  readonly memberId: string
  readonly order: string
  readonly topics: readonly string[]
}

/**
 * Partitions of each topic in even stretches over its subscribers, the first ones one more, as Kafka's RangeAssignor
 * gives them: the same for all members whoever leads. Topics without a known number of partitions are left out.
 */
export function assignRanges(
  subscribers: readonly Subscriber[],
  partitionsOf: ReadonlyMap<string, number>,
): Map<string, AssignedPartitions[]> {
  const sorted = subscribers.toSorted((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
  const given = new Map(sorted.map(({ memberId }) => [memberId, [] as AssignedPartitions[]]))
  for (const [topic, count] of partitionsOf) {
    const members = sorted.filter(({ topics }) => topics.includes(topic))
    const share = Math.floor(count / members.length)
    const larger = count % members.length
    for (const [at, { memberId }] of members.entries()) {
      const first = share * at + Math.min(at, larger)
      const partitions = Array.from({ length: share + (at < larger ? 1 : 0) }, (_, index) => first + index)
      if (partitions.length > 0) given.get(memberId)!.push({ topic, partitions })
    }
  }
  return given
}
