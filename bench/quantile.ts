/** Below it lies this share (0 to 1) of the samples, which are in rising order. NaN where there are none. */
export function quantileOf(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
