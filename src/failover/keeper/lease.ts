/** A moment by both clocks of this process: one never runs back, the other goes on while the machine sleeps. */
export type Instant = { readonly monoMs: number; readonly wallMs: number }

/** How long a gateway may take writes after the start of its last acknowledged record. */
export const LEASE_MS = 6_000
/** Between two records of a gateway. */
export const BEAT_MS = 2_000
/** Whoever read a gateway's last record this long ago may take its lease to be over: clocks differ, but not by this. */
export const GONE_AFTER_MS = LEASE_MS + 2_000

/** The time between two moments, by the clock that says more: in doubt a lease is over. */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(to.monoMs - from.monoMs, to.wallMs - from.wallMs)
}

export function plus({ monoMs, wallMs }: Instant, ms: number): Instant {
  return { monoMs: monoMs + ms, wallMs: wallMs + ms }
}

/** Now. */
export function instant(): Instant {
  return { monoMs: performance.now(), wallMs: Date.now() }
}
