import { z } from 'zod'
import type { Commit } from '../../observe/burrow/evaluate.ts'
import { windowDefaults } from '../../observe/burrow/window.ts'
import type { GroupPartitionView, GroupView } from '../../observe/watch/view.ts'

const offset = z.object({ offset: z.int(), timestamp: z.int(), lag: z.int().nullable() })
const verdict = z.enum(['NOTFOUND', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'])

const partition = z.object({
  topic: z.string(),
  partition: z.int(),
  owner: z.string(),
  client_id: z.string(),
  status: verdict,
  start: offset.nullable(),
  end: offset.nullable(),
  current_lag: z.int(),
  complete: z.number(),
})

export const groupStatus = z.object({
  cluster: z.string(),
  group: z.string(),
  status: verdict,
  complete: z.number(),
  partitions: z.array(partition),
  partition_count: z.int(),
  maxlag: partition.nullable(),
  totallag: z.int(),
})

/** By topic, and there by the number of the partition; null where the group has committed nothing. */
export const groupTopics = z.record(
  z.string(),
  z.array(
    z.object({
      offsets: z.array(offset.nullable()),
      owner: z.string(),
      client_id: z.string(),
      'current-lag': z.int(),
    }),
  ),
)

/** Burrow knows a group by its commits, and a partition of it likewise. */
export function committed(group: GroupView): GroupPartitionView[] {
  return group.partitions.filter(({ position }) => position !== null)
}

/** `all`: partitions that are well too. */
export function statusOf(cluster: string, group: GroupView, all: boolean): z.infer<typeof groupStatus> {
  const partitions = committed(group).map(partitionOf)
  const maxlag = partitions.reduce<(typeof partitions)[number] | null>(
    (most, one) => (most === null || one.current_lag > most.current_lag ? one : most),
    null,
  )
  return {
    ...{ cluster, group: group.groupId, status: group.verdict, complete: group.complete },
    partitions: all ? partitions : partitions.filter(({ status }) => status !== 'OK'),
    partition_count: partitions.length,
    maxlag,
    totallag: partitions.reduce((sum, one) => sum + one.current_lag, 0),
  }
}

export function statusOfNone(cluster: string, group: string): z.infer<typeof groupStatus> {
  const nothing = { partitions: [], partition_count: 0, maxlag: null, totallag: 0 }
  return { cluster, group, status: 'NOTFOUND', complete: 1, ...nothing }
}

export function topicsOf(group: GroupView): z.infer<typeof groupTopics> {
  const topics: z.infer<typeof groupTopics> = {}
  for (const one of committed(group)) {
    topics[one.topic] ??= []
    const partitions = topics[one.topic]!
    while (partitions.length < one.partition) partitions.push(nothing)
    partitions[one.partition] = {
      offsets: padded(one.commits),
      owner: one.owner?.clientHost ?? '',
      client_id: one.owner?.clientId ?? '',
      'current-lag': one.lag.records ?? 0,
    }
  }
  return topics
}

const nothing = { offsets: [], owner: '', client_id: '', 'current-lag': 0 }

/** A window is always told in its full length, what is missing in front. */
function padded(commits: readonly Commit[]): (z.infer<typeof offset> | null)[] {
  const missing = Math.max(0, windowDefaults.intervals - commits.length)
  return [...Array.from({ length: missing }, () => null), ...commits.map(offsetOf)]
}

function partitionOf(one: GroupPartitionView): z.infer<typeof partition> {
  return {
    ...{ topic: one.topic, partition: one.partition },
    owner: one.owner?.clientHost ?? '',
    client_id: one.owner?.clientId ?? '',
    status: one.verdict,
    start: one.first === null ? null : offsetOf(one.first),
    end: one.last === null ? null : offsetOf(one.last),
    current_lag: one.lag.records ?? 0,
    complete: one.complete,
  }
}

function offsetOf({ offset: at, at: timestamp, lag }: Commit): z.infer<typeof offset> {
  return { offset: at, timestamp, lag }
}
