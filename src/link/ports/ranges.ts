import type { Cluster } from '../../client/cluster.ts'
import type { Isolation } from '../../client/isolation.ts'
import { listOffsetsAt } from '../../client/list-offsets.ts'
import type { RangeAnswer, TopicPartition } from '../port.ts'

/** Requests that only look something up answer within this time, or the cluster is in trouble. */
export const LOOK_UP_MS = 10_000

/** Log start, and log end or last stable offset, of partitions that one broker leads. */
export async function listRanges(
  cluster: Cluster,
  node: number,
  partitions: readonly TopicPartition[],
  isolation: Isolation,
): Promise<RangeAnswer[]> {
  const call = { node, timeoutMs: LOOK_UP_MS }
  const [starts, ends] = await Promise.all([
    listOffsetsAt(cluster, call, partitions, 'start'),
    listOffsetsAt(cluster, call, partitions, 'end', isolation),
  ])
  return starts.map(({ topic, partition, errorCode, offset }, index) => {
    const end = ends[index]!
    return { topic, partition, errorCode: errorCode || end.errorCode, start: offset, end: end.offset }
  })
}
