import type { LagSeries } from '../../../src/server/api/history.ts'

/** One moment of a figure; null where it was not known. */
export type Sample = { readonly at: number; readonly value: number | null }

export type Measure = 'records' | 'seconds' | 'bytes'

/** Looks come a little later than the places that the history has for them, which leaves one empty now and then. */
const BUCKETS_MISSED_MAX = 2

/** One measure of a series, with a gap wherever nothing was known for longer than a look takes. */
export function samplesOf({ points, bucketMs }: LagSeries, measure: Measure): Sample[] {
  const samples: Sample[] = []
  let before: number | null = null
  for (const point of points) {
    if (before !== null && point.at - before > (1 + BUCKETS_MISSED_MAX) * bucketMs) {
      samples.push({ at: before + bucketMs, value: null })
    }
    samples.push({ at: point.at, value: point[measure] })
    before = point.at
  }
  return samples
}
