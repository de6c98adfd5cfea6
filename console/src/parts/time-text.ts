const minutesOf: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, d: 24 * 60 }

/** Minutes of a time as people type it: `30m`, `2h`, `1d`; null where it is none. */
export function minutesOfText(text: string): number | null {
  const [, count, unit] = /^\s*(\d{1,4})\s*(m|min|h|d)\s*$/.exec(text) ?? []
  if (count === undefined) return null
  const minutes = Number(count) * minutesOf[unit!]!
  return minutes === 0 ? null : minutes
}
