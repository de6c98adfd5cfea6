import type { Acked } from '../../gateway/state/acked.ts'
import type { FarewellRecord } from '../state/records.ts'

/** A batch of the state topic takes 512 KiB; an end takes some twenty bytes, a name up to 250. */
const FAREWELL_PARTITIONS_MAX = 10_000
const FAREWELL_TOPICS_MAX = 1_000

/** Who ends, on a route that has gone over so often. */
export type Leaving = Pick<FarewellRecord, 'route' | 'id' | 'moves' | 'at'>

/**
 * What a gateway leaves that ends in order: without it nobody would know what it told clients, and a mirror may not
 * have it yet. What the process before it left under the same name is carried on. Null where there is nothing to leave.
 * Pure.
 */
export function farewellOf(
  leaving: Leaving,
  told: ReturnType<Acked['ends']>,
  earlier: readonly FarewellRecord[],
): FarewellRecord | null {
  const ends = new Map<string, Map<number, number>>()
  const take = (topic: string, partition: number, end: number) => {
    const ofTopic = ends.get(topic) ?? new Map<number, number>()
    ends.set(topic, ofTopic.set(partition, Math.max(end, ofTopic.get(partition) ?? 0)))
  }
  const sameRoute = earlier.filter(({ id, moves }) => id === leaving.id && moves === leaving.moves)
  for (const before of sameRoute)
    for (const [topic, list] of Object.entries(before.ends))
      for (const [partition, end] of list) take(topic, partition, end)
  for (const { topic, partition, end } of told) take(topic, partition, end)
  if (ends.size === 0) return null
  const all = [...ends].flatMap(([topic, list]) => [...list].map(([at, end]) => [topic, at, end] as const))
  const topics = new Set([...ends.keys()].slice(0, FAREWELL_TOPICS_MAX))
  const kept = all.filter(([topic]) => topics.has(topic)).slice(0, FAREWELL_PARTITIONS_MAX)
  const byTopic = [...Map.groupBy(kept, ([topic]) => topic)].map(([topic, list]) => {
    return [topic, list.map(([, partition, end]): [number, number] => [partition, end])] as const
  })
  const before = sameRoute.reduce((most, { leftOut }) => Math.max(most, leftOut), 0)
  return { ...leaving, ends: Object.fromEntries(byTopic), leftOut: before + all.length - kept.length }
}
