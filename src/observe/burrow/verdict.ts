/** Burrow's words for a partition or a group; ERR is said of groups only. */
export type Verdict = 'NOTFOUND' | 'OK' | 'WARN' | 'ERR' | 'STOP' | 'STALL' | 'REWIND'

/** The numbers that Burrow's metrics carry, and the order by which one is worse than another. */
export const verdictCodes: Readonly<Record<Verdict, number>> = {
  NOTFOUND: 0,
  OK: 1,
  WARN: 2,
  ERR: 3,
  STOP: 4,
  STALL: 5,
  REWIND: 6,
}
