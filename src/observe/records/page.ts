import type { Clock } from '../../base/clock.ts'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import type { Expression } from '../expression/ast.ts'
import { holds } from '../expression/evaluate.ts'
import { Lane, type LanePlace, type Order, type Window } from './lane.ts'
import { sizeOf } from './shown.ts'
import { RecordSubject } from './subject.ts'

export type PageQuery = {
  readonly order: Order
  readonly places: readonly LanePlace[]
  readonly limit: number
  readonly filter: Expression | null
}

/** Why a page ends: full, nothing is left, or as much was searched as one page may. */
export type PageEnd = 'full' | 'all' | 'budget'

export type Page = {
  /** In order of time over all partitions; of offsets within one. */
  readonly records: readonly ConsumedRecord[]
  readonly end: PageEnd
  /** Where the next page begins, for partitions that are not over. */
  readonly next: readonly LanePlace[]
  readonly scanned: { readonly records: number; readonly bytes: number }
}

/** Reads the records of some windows, all of them, in order of offsets. */
export type ReadWindows = (
  windows: readonly Window[],
) => Promise<ReadonlyMap<number, readonly ConsumedRecord[]>>

export type PageBudget = { readonly records: number; readonly bytes: number; readonly ms: number }

const budgetOfPage: PageBudget = { records: 100_000, bytes: 128 * 1024 * 1024, ms: 4_000 }
const WINDOW_MIN = 16

/**
 * One page of a topic's records, of all its partitions together by time: a merge whose lanes are read in windows only
 * as far as the page needs. With a filter it reads on until enough is found, all was seen, or the budget of a page is
 * used up; the next page goes on there.
 */
export async function readPage(
  query: PageQuery,
  read: ReadWindows,
  clock: Clock,
  budget = budgetOfPage,
): Promise<Page> {
  const { order, limit, filter, places } = query
  const windowSize = Math.max(WINDOW_MIN, Math.ceil((limit / places.length) * (filter === null ? 1 : 4)))
  const lanes = places.map((place) => new Lane(place, order, windowSize))
  const scanned = { records: 0, bytes: 0 }
  const records: ConsumedRecord[] = []
  const until = clock.now() + budget.ms
  const isSpent = () =>
    scanned.records >= budget.records || scanned.bytes >= budget.bytes || clock.now() >= until
  while (records.length < limit) {
    const dry = lanes.filter((lane) => lane.head === undefined && !lane.isRead)
    if (dry.length > 0 && !isSpent()) {
      await fill(dry, { read, filter, scanned })
      continue
    }
    const lane = first(lanes, order)
    if (lane === undefined) break
    records.push(lane.shift())
  }
  const open = lanes.filter((lane) => !lane.isOver)
  const end = open.length === 0 ? 'all' : records.length < limit ? 'budget' : 'full'
  return { records, end, next: open.map(({ place }) => place), scanned }
}

type Search = {
  readonly read: ReadWindows
  readonly filter: Expression | null
  readonly scanned: { records: number; bytes: number }
}

async function fill(lanes: readonly Lane[], { read, filter, scanned }: Search): Promise<void> {
  const windows = lanes.map((lane) => lane.window())
  const found = await read(windows)
  for (const [index, lane] of lanes.entries()) {
    const records = found.get(lane.partition) ?? []
    scanned.records += records.length
    scanned.bytes += records.reduce((sum, record) => sum + sizeOf(record), 0)
    const isWanted = (record: ConsumedRecord) => filter === null || holds(filter, new RecordSubject(record))
    lane.take(windows[index]!, records.filter(isWanted))
  }
}

/** The lane whose next record comes first: by time, then by place. */
function first(lanes: readonly Lane[], order: Order): Lane | undefined {
  const sign = order === 'oldest' ? 1 : -1
  return lanes
    .filter(({ head }) => head !== undefined)
    .reduce<Lane | undefined>((best, lane) => {
      if (best === undefined) return lane
      return (lane.head!.timestamp - best.head!.timestamp) * sign < 0 ? lane : best
    }, undefined)
}
