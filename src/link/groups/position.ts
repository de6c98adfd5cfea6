/** A committed position as OffsetFetch gives it. The leader epoch is left out: a foreign one silences consumers. */
export type Position = {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** What the application stored beside it; Kafka Streams keeps its stream time there. */
  readonly metadata: string | null
}

/** Positions of one group, read at one instant at the source. */
export type GroupPositions = { readonly group: string; readonly positions: readonly Position[] }

/**
 * What was read at the source in one round: first the positions, then the high watermarks of every mirrored
 * partition. A position rests only on records below those, so it may be written when the mirror has them all.
 */
export type PositionSnapshot = {
  readonly readAt: number
  readonly groups: readonly GroupPositions[]
  readonly highWatermarks: ReadonlyMap<string, number>
}

/** The partitions (`topic-partition` of the source) in which the mirror has not reached the snapshot yet. */
export function behind(
  snapshot: PositionSnapshot,
  mirroredTo: (partition: string) => number | null,
): readonly string[] {
  const late: string[] = []
  for (const [partition, highWatermark] of snapshot.highWatermarks) {
    const reached = mirroredTo(partition)
    if (reached === null || reached < highWatermark) late.push(partition)
  }
  return late
}

/** Into what the mirror holds: a position may point outside of the log at the source as well. */
export function clamp(offset: number, range: { readonly start: number; readonly end: number }): number {
  return Math.min(Math.max(offset, range.start), range.end)
}
