import type { LostPartition, Memo } from './memo.ts'

/** A record takes 1 MiB; names of groups and topics may be long. */
export const MEMO_ENTRIES_MAX = 600
const LIST_BYTES_MAX = 240 * 1024

/**
 * What fits into the record of a run: of each list the worst, the rest of a loss as sums. Where mirrors ended stands in
 * records of its own (`copy-ends`). Pure.
 */
export function boundedMemo(memo: Memo): Memo {
  const { lost, lostMore, clamped, directWriters } = memo
  const [worst, rest] = fitting((lost ?? []).toSorted((a, b) => b.records - a.records))
  return {
    ...memo,
    lost: rest.length === 0 ? lost : worst,
    lostMore: rest.length === 0 ? lostMore : sumOf(rest),
    clamped: fitting(clamped.toSorted((a, b) => b.from - b.to - (a.from - a.to)))[0],
    directWriters: fitting(directWriters.toSorted((a, b) => b.grownBy - a.grownBy))[0],
  }
}

/** As many of the first as there is room for, and the others. */
function fitting<T>(list: readonly T[]): [T[], T[]] {
  let bytes = 0
  const tooMany = list.slice(0, MEMO_ENTRIES_MAX).findIndex((one) => {
    bytes += Buffer.byteLength(JSON.stringify(one))
    return bytes > LIST_BYTES_MAX
  })
  const count = tooMany < 0 ? MEMO_ENTRIES_MAX : tooMany
  return [list.slice(0, count), list.slice(count)]
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
