import type { Lag } from '../status.ts'

/** Lag of several at once: records and bytes add up, seconds is the worst; one unknown makes the sum unknown. */
export function sumLag(lags: readonly Lag[], at: number): Lag {
  return {
    records: sumKnown(lags.map((lag) => lag.records)),
    bytes: sumKnown(lags.map((lag) => lag.bytes)),
    seconds: worst(lags.map((lag) => lag.seconds)),
    at: lags.reduce((oldest, lag) => Math.min(oldest, lag.at), at),
  }
}

export function unknownLag(at: number): Lag {
  return { records: null, bytes: null, seconds: null, at }
}

/** The sum; null when a part of it is not known. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  let total = 0
  for (const value of values) {
    if (value === null) return null
    total += value
  }
  return total
}

function worst(values: readonly (number | null)[]): number | null {
  let most = 0
  for (const value of values) {
    if (value === null) return null
    most = Math.max(most, value)
  }
  return most
}
