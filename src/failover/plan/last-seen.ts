import type { GroupStatus, MirrorStatus } from '../../link/status.ts'
import type { LastSeen, SeenEnd } from './facts.ts'

/** What the workers of a link say: it outlives the active cluster, and is all that is known of its ends then. */
export function lastSeenOf(
  link: string,
  mirrors: readonly MirrorStatus[],
  groups: readonly GroupStatus[],
): LastSeen {
  const ends = mirrors.flatMap(({ topic, partitions }) =>
    partitions.flatMap(({ partition, sourceEnd, sourceSeenAt, lag }): [string, SeenEnd][] => {
      if (sourceEnd === null) return []
      return [
        [`${topic}-${partition}`, { end: sourceEnd, at: sourceSeenAt ?? null, lagSeconds: lag.seconds }],
      ]
    }),
  )
  const faults = mirrors.flatMap(({ topic, fault }) => (fault === null ? [] : [[topic, fault.code] as const]))
  return { link, ends: new Map(ends), faults: new Map(faults), groups }
}
