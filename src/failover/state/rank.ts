import type { GatewayRecord, RouteRecord } from './records.ts'

/**
 * Whether a route record counts for more than another, whichever log each stands in. A route that went over to its
 * other cluster outranks everything that was written on the old one without knowing it: a move needs its target, so
 * moves come one after the other, and the cluster that was cut off can only count epochs. The writer decides where two
 * gateways gave a new route its first record at once.
 */
export function outranks(a: RouteRecord, b: RouteRecord | null): boolean {
  if (b === null || isBeyond(a, b)) return true
  return !isBeyond(b, a) && a.writer < b.writer
}

/** The same for two records of one log, where the first of an epoch holds. */
export function isBeyond(a: RouteRecord, b: RouteRecord): boolean {
  return a.moves === b.moves ? a.epoch > b.epoch : a.moves > b.moves
}

/** The record to obey, of what several logs hold. */
export function highest(records: readonly (RouteRecord | null)[]): RouteRecord | null {
  return records.reduce((best, one) => (one !== null && outranks(one, best) ? one : best), null)
}

/**
 * The log whose first record of the next epoch holds: that of the cluster which a move would lead to. While the route
 * is alone no other has the record, so the next one is written beside it.
 */
export function arbiterOf(record: RouteRecord, clusters: readonly [string, string]): string {
  const other = clusters[0] === record.active ? clusters[1] : clusters[0]
  return record.alone ? record.active : other
}

/** Whether a gateway record is later than another one of the same id, from whichever log. */
export function isLater(a: GatewayRecord, b: GatewayRecord | undefined): boolean {
  if (b === undefined) return true
  if (a.since !== b.since) return a.since > b.since
  if (a.beat !== b.beat) return a.beat > b.beat
  return a.gone && !b.gone
}
