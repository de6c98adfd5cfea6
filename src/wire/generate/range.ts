/** Versions `from` to `to`; open ranges end at Infinity. */
export type Range = { readonly from: number; readonly to: number }

/** Parses Kafka's notation (`3`, `0-4`, `5+`, `none`); undefined for none. */
export function parseRange(text: string | undefined): Range | undefined {
  if (text === undefined || text === 'none' || text === '') return undefined
  const match = /^(\d+)(?:(\+)|-(\d+))?$/.exec(text.trim())
  if (match === null) throw new Error(`version range ${text} is not understood`)
  const from = Number(match[1])
  if (match[2] !== undefined) return { from, to: Number.POSITIVE_INFINITY }
  return { from, to: match[3] === undefined ? from : Number(match[3]) }
}

/** The notation of a range; undefined becomes `none`. */
export function formatRange(range: Range | undefined): string {
  if (range === undefined) return 'none'
  if (range.to === Number.POSITIVE_INFINITY) return `${range.from}+`
  return range.from === range.to ? String(range.from) : `${range.from}-${range.to}`
}

export function includes(range: Range | undefined, version: number): boolean {
  return range !== undefined && version >= range.from && version <= range.to
}

/** The part of a range that lies within another; undefined when there is none. */
export function clip(range: Range | undefined, within: Range): Range | undefined {
  if (range === undefined) return undefined
  const from = Math.max(range.from, within.from)
  const to = Math.min(range.to, within.to)
  return from <= to ? { from, to } : undefined
}

/** The range that covers both; throws when a version between them would be covered by neither. */
export function union(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (a === undefined) return b
  if (b === undefined) return a
  const apart = Math.max(a.from, b.from) - Math.min(a.to, b.to)
  if (apart > 1) throw new Error(`ranges ${formatRange(a)} and ${formatRange(b)} do not touch`)
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}

/** The versions of `range`, which must be closed. */
export function versionsOf(range: Range | undefined): number[] {
  if (range === undefined) return []
  return Array.from({ length: range.to - range.from + 1 }, (_, index) => range.from + index)
}
