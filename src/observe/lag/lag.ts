import type { EndTimes } from './end-times.ts'

/** How far behind a reader is. Null: not known. */
export type Lag = {
  readonly records: number | null
  readonly bytes: number | null
  /** How long ago the first record that it has not read was written. */
  readonly seconds: number | null
  /** At least so long ago; tells something where `seconds` is not known, as the record is older than all looks. */
  readonly secondsAtLeast: number | null
}

export const unknownLag: Lag = { records: null, bytes: null, seconds: null, secondsAtLeast: null }
const none: Lag = { records: 0, bytes: 0, seconds: 0, secondsAtLeast: 0 }

/**
 * Lag of a position in one partition, whose log ends at `end`. A position beyond the end is at the end: the look at the
 * end is older than the commit.
 */
export function lagAt(
  position: number,
  { end, times, perOffset }: { end: number | null; times: EndTimes; perOffset: number | null },
  now: number,
): Lag {
  if (end === null || position < 0) return unknownLag
  const records = Math.max(0, end - position)
  if (records === 0) return none
  const written = times.writtenAt(position)
  const seconds = written === null ? null : Math.max(0, now - written.at) / 1_000
  return {
    records,
    bytes: perOffset === null ? null : Math.round(records * perOffset),
    seconds: written?.isBound === false ? seconds : null,
    secondsAtLeast: seconds,
  }
}

/**
 * Lag of several partitions together: records and bytes add up, seconds are the worst. A part that is not known makes
 * the whole unknown, except for what the whole is at least. Of no partitions: no lag.
 */
export function totalLag(lags: Iterable<Lag>): Lag {
  let records: number | null = 0
  let bytes: number | null = 0
  let seconds: number | null = 0
  let secondsAtLeast: number | null = null
  let isEmpty = true
  for (const lag of lags) {
    isEmpty = false
    records = records === null || lag.records === null ? null : records + lag.records
    bytes = bytes === null || lag.bytes === null ? null : bytes + lag.bytes
    seconds = seconds === null || lag.seconds === null ? null : Math.max(seconds, lag.seconds)
    if (lag.secondsAtLeast !== null) secondsAtLeast = Math.max(secondsAtLeast ?? 0, lag.secondsAtLeast)
  }
  return isEmpty ? none : { records, bytes, seconds, secondsAtLeast }
}
