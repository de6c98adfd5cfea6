/** Milliseconds that only ever grow, for deadlines: the wall clock may be set back. */
export function nowMs(): number {
  return performance.now()
}
