import type { AckedAfter } from '../../gateway/state/acked.ts'
import type { AckedRecord } from '../state/records.ts'

/** A batch of the state topic takes 512 KiB; a partition takes some 200 bytes. */
const ACKED_PARTITIONS_MAX = 1_500
const TOPICS_MAX = 100

/** What fits into a gateway's record: of more partitions those that lack most. */
export function boundedAcked({ since, topics, elsewhere, unanswered }: AckedAfter): AckedRecord {
  const all = Object.entries(topics).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  )
  const kept = all
    .toSorted((a, b) => b.partition.records - a.partition.records)
    .slice(0, ACKED_PARTITIONS_MAX)
  const named = [...Map.groupBy(kept, ({ topic }) => topic)].map(([topic, list]) => {
    return [topic, list.map(({ partition }) => partition)] as const
  })
  return {
    ...{ since, topics: Object.fromEntries(named), unanswered: unanswered.slice(0, TOPICS_MAX) },
    elsewhere: Object.fromEntries(Object.entries(elsewhere).slice(0, TOPICS_MAX)),
    leftOut: all.length - kept.length,
  }
}
