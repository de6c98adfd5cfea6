import type { EndsRecord } from '../state/records.ts'

/** Where each mirror ended as a copy, by topic, each partition at its index. */
export type CopyEnds = Readonly<Record<string, readonly number[]>>

/** Partitions of one record: an end takes some ten bytes, and a batch of the state topic 512 KiB. */
const PARTITIONS_MAX = 20_000
/** Names of mirrors in one record, of up to 249 bytes each. */
const MIRRORS_MAX = 500

/** Cuts ends into parts of which each fits into a record, long mirrors between two of them. Pure. */
export function* partsOf(all: CopyEnds): Generator<EndsRecord['mirrors']> {
  let part: EndsRecord['mirrors'] = []
  let room = PARTITIONS_MAX
  for (const [mirror, list] of Object.entries(all)) {
    for (let first = 0; first < list.length; ) {
      if (room === 0 || part.length === MIRRORS_MAX) {
        yield part
        part = []
        room = PARTITIONS_MAX
      }
      const ends = list.slice(first, first + room)
      part.push({ mirror, first, ends })
      first += ends.length
      room -= ends.length
    }
  }
  if (part.length > 0) yield part
}

/** The opposite of `partsOf`, in whatever order the parts come. */
export function joined(parts: Iterable<EndsRecord['mirrors']>): CopyEnds {
  const all = new Map<string, number[]>()
  for (const { mirror, first, ends } of [...parts].flat()) {
    const list = all.get(mirror) ?? []
    all.set(mirror, list)
    for (const [index, end] of ends.entries()) list[first + index] = end
  }
  return Object.fromEntries(all)
}
