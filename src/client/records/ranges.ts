import type { Cluster } from '../cluster.ts'
import { ClientError } from '../errors.ts'
import type { Isolation } from '../isolation.ts'
import { type ListedOffset, listOffsets, type OffsetPoint } from '../list-offsets.ts'
import { type Outcome, unwrap } from '../outcome.ts'

/** Where reading begins. */
export type Start =
  | { readonly at: 'beginning' | 'end' }
  | { readonly at: 'offset'; readonly offset: number }
  | { readonly at: 'last'; readonly count: number }
  | { readonly at: 'time'; readonly timestampMs: number }

/** What to read of one partition: from `position` on; `start` and `end` are the log's when it was asked. */
export type Range = {
  readonly partition: number
  readonly position: number
  readonly start: number
  readonly end: number
}

/** Looks the start up in every partition. Errors: OFFSET_GONE, KAFKA_ERROR. */
export async function rangesFrom(
  cluster: Cluster,
  topic: string,
  partitions: readonly number[],
  options: { readonly start: Start; readonly isolation: Isolation; readonly signal: AbortSignal },
): Promise<Range[]> {
  const { start: from, isolation, signal } = options
  const ask = async (at: OffsetPoint): Promise<ListedOffset[]> => {
    const queries = partitions.map((partition) => ({ topic, partition, at, isolation }))
    return (await listOffsets(cluster, queries, { signal })).map((outcome: Outcome<ListedOffset>) =>
      unwrap(outcome),
    )
  }
  const [starts, ends, times] = await Promise.all([
    ask('start'),
    ask('end'),
    from.at === 'time' ? ask({ timestampMs: from.timestampMs }) : null,
  ])
  return partitions.map((partition, index) => {
    const [start, end] = [starts[index]!.offset, ends[index]!.offset]
    const position = positionOf(from, start, end, times?.[index]?.offset ?? -1)
    if (position < start || position > end) throw offsetGone({ topic, partition, position, start, end })
    return { partition, position, start, end }
  })
}

function positionOf(from: Start, start: number, end: number, timed: number): number {
  switch (from.at) {
    case 'beginning':
      return start
    case 'end':
      return end
    case 'offset':
      return from.offset
    case 'last':
      return Math.max(start, end - from.count)
    case 'time':
      return timed < 0 ? end : timed
  }
}

function offsetGone(at: Range & { readonly topic: string }): Error {
  const { topic, partition, position, start, end } = at
  const message = `Partition ${partition} of ${topic} holds offsets ${start} to ${end - 1}, not ${position}`
  const empty = `Partition ${partition} of ${topic} is empty and goes on at ${end}; there is no offset ${position}`
  return new ClientError('OFFSET_GONE', start === end ? empty : message, { context: at })
}
