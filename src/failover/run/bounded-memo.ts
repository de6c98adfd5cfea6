import type { LostPartition, Memo } from './memo.ts'

/** A record takes 1 MiB, and an entry up to 400 bytes with long names. */
export const MEMO_ENTRIES_MAX = 600

/**
 * What fits into the record of a run: of each list the worst, the rest of a loss as sums. Where mirrors ended stays
 * whole, as nobody could go on without it. Pure.
 */
export function boundedMemo(memo: Memo): Memo {
  const { lost, lostMore, clamped, directWriters } = memo
  const worst = (lost ?? []).toSorted((a, b) => b.records - a.records)
  const rest = worst.slice(MEMO_ENTRIES_MAX)
  return {
    ...memo,
    lost: lost === null || rest.length === 0 ? lost : worst.slice(0, MEMO_ENTRIES_MAX),
    lostMore: rest.length === 0 ? lostMore : sumOf(rest),
    clamped: clamped.toSorted((a, b) => b.from - b.to - (a.from - a.to)).slice(0, MEMO_ENTRIES_MAX),
    directWriters: directWriters.toSorted((a, b) => b.grownBy - a.grownBy).slice(0, MEMO_ENTRIES_MAX),
  }
}

function sumOf(rest: readonly LostPartition[]): NonNullable<Memo['lostMore']> {
  const times = rest.flatMap(({ firstAt, lastAt }) => [firstAt ?? [], lastAt ?? []].flat())
  return {
    partitions: rest.length,
    records: rest.reduce((sum, { records }) => sum + records, 0),
    bytes: rest.reduce((sum, { bytes }) => sum + bytes, 0),
    firstAt: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
    lastAt: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
  }
}
