/** Log start and last stable offset of one side. */
export type SideRange = { readonly start: number; readonly end: number }

/** What both sides hold, [from, to), and where the mirror goes on alone; null when it does not. */
export type CommonRange = { readonly from: number; readonly to: number; readonly aheadAt: number | null }

/**
 * The offsets that can be compared. `mirror` must have been read before `source`: a link only ever follows, so a mirror
 * that then ends behind the source's end holds something that the source never had.
 */
export function commonRange(mirror: SideRange, source: SideRange): CommonRange {
  const from = Math.max(source.start, mirror.start)
  const to = Math.max(from, Math.min(source.end, mirror.end))
  return { from, to, aheadAt: mirror.end > source.end ? source.end : null }
}
