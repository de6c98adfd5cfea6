/** What one partition lacks of its source, as last seen; null is not known. */
export type Missing = {
  readonly sourceEnd: number | null
  readonly records: number | null
  readonly bytes: number | null
  readonly seconds: number | null
  readonly seenAt: number | null
}

type Seen = {
  readonly end: number
  readonly sourceEnd: number
  readonly seenAt: number
  readonly bytesPerOffset: number | null
  readonly lateMs: number | null
}

export function seenAtSource(seen: Seen | null): Missing {
  if (seen === null) return { sourceEnd: null, records: null, bytes: null, seconds: null, seenAt: null }
  const { end, sourceEnd, seenAt, bytesPerOffset, lateMs } = seen
  const records = Math.max(0, sourceEnd - end)
  const bytes = bytesPerOffset === null ? null : Math.round(records * bytesPerOffset)
  const seconds = records === 0 ? 0 : lateMs === null ? null : lateMs / 1000
  return { sourceEnd, records, bytes, seconds, seenAt }
}

/** What was at the source and not here, in words. Offsets stand for records: what is not here cannot be read. */
export function missingText(missing: readonly Missing[], now: number): string {
  const unknown = missing.filter(({ records }) => records === null).length
  if (unknown === missing.length)
    return 'how much of the source is missing is not known, it was not seen lately'
  const records = sum(missing.map((one) => one.records))
  const oldest = Math.min(...missing.map(({ seenAt }) => seenAt ?? now))
  const age = `as last seen ${Math.max(0, Math.round((now - oldest) / 1000))} s ago`
  const blind = unknown === 0 ? '' : `; ${unknown} partitions were not seen`
  if (records === 0) return `nothing was missing, ${age}${blind}`
  const bytes = sum(missing.map((one) => one.bytes))
  const seconds = Math.max(...missing.map((one) => one.seconds ?? 0))
  const size = bytes === 0 ? '' : ` (about ${bytes} bytes)`
  return `up to ${records} records${size}, ${seconds.toFixed(1)} s of writes, are missing, ${age}${blind}`
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0)
}
