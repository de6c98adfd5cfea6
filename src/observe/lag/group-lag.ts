import { type CommittedOffset, fetchOffsets } from '../../client/admin/group-offsets.ts'
import type { Cluster } from '../../client/cluster.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { type Outcome, unwrap } from '../../client/outcome.ts'
import { partitionName } from '../../client/partition.ts'

/** A position of a group against the end of the log. `end` and `lag` are null when the end is not known. */
export type PositionLag = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly end: number | null
  readonly lag: number | null
  readonly metadata: string | null
}

/** How long the ends of partitions without a leader may hold the answer up. */
const ENDS_LIMIT_MS = 5_000

/** The positions of groups with their lag, one outcome a group, in order. Each end is asked for once. */
export async function positionsOf(
  cluster: Cluster,
  groups: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Outcome<PositionLag[]>[]> {
  const queries = groups.map((groupId) => ({ groupId }))
  const committed = await fetchOffsets(cluster, queries, { signal })
  const places = new Map<string, CommittedOffset>()
  for (const outcome of committed) {
    if (outcome.ok) for (const position of outcome.value) places.set(partitionName(position), position)
  }
  const asked = [...places.values()].map(({ topic, partition }) => ({ topic, partition, at: 'end' as const }))
  const ends = await listOffsets(cluster, asked, { signal, timeoutMs: ENDS_LIMIT_MS })
  const endOf = new Map(asked.map((place, index) => [partitionName(place), endFrom(ends[index]!)]))
  return committed.map((outcome) => {
    if (!outcome.ok) return outcome
    const positions = outcome.value
      .filter(({ offset }) => offset >= 0)
      .map((position) => lagOf(position, endOf.get(partitionName(position)) ?? null))
    return { ok: true, value: positions }
  })
}

function endFrom(outcome: Outcome<{ readonly offset: number }>): number | null {
  return outcome.ok ? unwrap(outcome).offset : null
}

function lagOf({ topic, partition, offset, metadata }: CommittedOffset, end: number | null): PositionLag {
  // A position beyond the end is one that was reset or whose topic was made again: no records wait.
  const lag = end === null ? null : Math.max(0, end - offset)
  return { topic, partition, offset, end, lag, metadata: metadata === '' ? null : metadata }
}

/** The whole lag of a group; null as soon as one part is not known. */
export function totalLag(positions: readonly PositionLag[]): number | null {
  let total = 0
  for (const { lag } of positions) {
    if (lag === null) return null
    total += lag
  }
  return total
}
