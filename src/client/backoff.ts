export type BackoffBounds = { readonly firstMs: number; readonly maxMs: number }

/** Delay before attempt `failures` + 1: doubled each time, capped, with ±20 % jitter so that many clients spread. */
export function backoffMs(
  failures: number,
  bounds: BackoffBounds,
  random: () => number = Math.random,
): number {
  if (failures <= 0) return 0
  const exponent = Math.min(failures - 1, 30)
  const plain = Math.min(bounds.maxMs, bounds.firstMs * 2 ** exponent)
  return plain * (0.8 + 0.4 * random())
}
