/** Samples of one coarseness and how long they are kept. */
export type Level = { readonly stepMs: number; readonly keepMs: number }

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const KEEP_MS = 30 * DAY

/** Fine ones for what is looked at now, coarse ones for as long as is wanted; finest first. */
export function levelsFor(keepMs: number): readonly Level[] {
  return [
    { stepMs: 10 * SECOND, keepMs: Math.min(2 * HOUR, keepMs) },
    { stepMs: MINUTE, keepMs: Math.min(2 * DAY, keepMs) },
    { stepMs: 10 * MINUTE, keepMs },
  ]
}

/** Single partitions begin here: there are too many of them for the finest level. */
export const PARTITION_LEVEL = 1

export type Choice = {
  readonly level: number
  /** Width of one point, a multiple of the level's step. */
  readonly bucketMs: number
}

/**
 * The finest level that reaches back to `from`, and how wide a point has to be so that there are at most `points`.
 * `finest`: the first level that the series has.
 */
export function choose(
  levels: readonly Level[],
  range: { readonly from: number; readonly to: number; readonly points: number },
  now: number,
  finest = 0,
): Choice {
  const reaching = levels.findIndex(({ keepMs }, at) => at >= finest && range.from >= now - keepMs)
  const level = reaching < 0 ? levels.length - 1 : reaching
  const { stepMs } = levels[level]!
  const steps = Math.ceil(Math.max(1, range.to - range.from) / stepMs / range.points)
  return { level, bucketMs: Math.max(1, steps) * stepMs }
}
