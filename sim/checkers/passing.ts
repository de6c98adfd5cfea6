/** Faults that last only as long as what causes them. */
export const PASSING: ReadonlySet<string> = new Set([
  'PARTITION_STUCK',
  'MIRROR_FAILED',
  'SOURCE_UNREACHABLE',
  'DESTINATION_UNREACHABLE',
])
