import type { Cluster } from '../../../client/cluster.ts'
import { KafkaError } from '../../../client/errors.ts'
import { fetchRaw } from '../../../client/fetch.ts'
import type { Isolation } from '../../../client/isolation.ts'
import { listOffsets, type OffsetPoint } from '../../../client/list-offsets.ts'
import { unwrap } from '../../../client/outcome.ts'
import { partitionName, type TopicPartition } from '../../../client/partition.ts'
import { visibleRecords } from '../../../client/records/visible.ts'
import { errorOf } from '../../../wire/error-codes.ts'
import type { Held, Position } from './held.ts'

const PARTITION_BYTES = 1024 * 1024
const FETCH_BYTES = 8 * 1024 * 1024
const LANE = 'read'

export type Reading = {
  readonly isolation: Isolation
  /** How long brokers may wait for the first record. */
  readonly waitMs: number
  readonly signal: AbortSignal
  /** What becomes of positions that the log does not have (any more). */
  lost(places: readonly TopicPartition[]): Promise<void>
}

/** Reads once on where nothing waits, one request to each leader. Errors: those of the client that do not pass. */
export async function readOn(cluster: Cluster, held: Held, reading: Reading): Promise<void> {
  const wanted = held.wanted()
  const leaderless = wanted.filter(
    ({ topic, partition }) => cluster.metadata.leaderOf(topic, partition) === null,
  )
  if (leaderless.length > 0) await refresh(cluster, leaderless, reading.signal)
  const byLeader = Map.groupBy(wanted, ({ topic, partition }) => cluster.metadata.leaderOf(topic, partition))
  byLeader.delete(null)
  const lost: Position[] = []
  const reads = [...byLeader].map(([node, part]) => readFrom(cluster, node!, part, { held, reading, lost }))
  const ends = await Promise.allSettled(reads)
  for (const end of ends) if (end.status === 'rejected' && end.reason?.retriable !== true) throw end.reason
  if (ends.some(({ status }) => status === 'rejected')) await refresh(cluster, wanted, reading.signal)
  if (lost.length > 0) await reading.lost(lost)
}

async function readFrom(
  cluster: Cluster,
  node: number,
  part: readonly Position[],
  { held, reading, lost }: { readonly held: Held; readonly reading: Reading; readonly lost: Position[] },
): Promise<void> {
  const { isolation, waitMs, signal } = reading
  const asked = part.map(({ topic, partition, offset }) => {
    const topicId = cluster.metadata.topic(topic)?.topicId ?? ''
    return { topic, topicId, partition, fetchOffset: offset, partitionMaxBytes: PARTITION_BYTES }
  })
  const options = { maxWaitMs: waitMs, maxBytes: FETCH_BYTES, isolation, signal }
  for (const [at, answer] of (await fetchRaw(cluster, node, LANE, asked, options)).entries()) {
    const from = part[at]!
    const { name, retriable } = errorOf(answer.errorCode)
    if (name === 'OFFSET_OUT_OF_RANGE') lost.push(from)
    else if (answer.errorCode === 0) {
      const { records, next } = visibleRecords(answer, from.offset, Number.MAX_SAFE_INTEGER)
      const { topic, partition } = from
      held.put(
        from,
        records.map(({ offset, timestamp, key, value, headers }) => {
          return { topic, partition, offset, timestamp, key, value, headers }
        }),
        next,
      )
    } else if (retriable) await refresh(cluster, [from], signal)
    else throw new KafkaError(answer.errorCode, `read of ${partitionName(from)}`)
  }
}

function refresh(cluster: Cluster, places: readonly TopicPartition[], signal: AbortSignal): Promise<void> {
  return cluster.refresh([...new Set(places.map(({ topic }) => topic))], { signal })
}

/** Positions of partitions at a point of their logs; a time that no record has come after stands for the end. */
export async function positionsAt(
  cluster: Cluster,
  places: readonly (TopicPartition & { readonly at: OffsetPoint })[],
  isolation: Isolation,
): Promise<Position[]> {
  const queries = places.map(({ topic, partition, at }) => ({ topic, partition, at, isolation }))
  const found = (await listOffsets(cluster, queries)).map((outcome) => unwrap(outcome).offset)
  const late = places.filter((_, index) => found[index]! < 0)
  const ends =
    late.length === 0
      ? []
      : await positionsAt(
          cluster,
          late.map((one) => ({ ...one, at: 'end' })),
          isolation,
        )
  return places.map(({ topic, partition }, index) => {
    const offset = found[index]! >= 0 ? found[index]! : ends.shift()!.offset
    return { topic, partition, offset }
  })
}
