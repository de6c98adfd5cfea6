import { OffsetFetch, type OffsetFetchResponse } from '../../wire/apis/009-offset-fetch.ts'
import type { Cluster } from '../cluster.ts'
import type { Connection } from '../connection.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { KafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { failed, type Outcome, outcomeOf, succeeded } from '../outcome.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'

/** `partitions`: of these only; left out: all that the group has committed. */
export type GroupOffsetsQuery = {
  readonly groupId: string
  readonly partitions?: readonly TopicPartition[] | undefined
}

/** One position. `offset` is -1 where the group has none; `leaderEpoch` is -1 when none was committed. */
export type CommittedOffset = TopicPartition & {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string | null
}

export type FetchOffsetsOptions = CallOptions & {
  /**
   * Waits for positions that an open transaction is about to move (KIP-447), instead of giving the last settled
   * ones.
   */
  readonly requireStable?: boolean
}

/**
 * From version 8 on one request asks for many groups (KIP-709); from 10 on topics go by id alone, which names serve
 * better.
 */
const MANY_GROUPS_FROM = 8
const VERSION_MAX = 9

/**
 * Positions that groups have committed; one outcome per query, in order. A group that does not exist has none. When a
 * partition of a group cannot be read, the whole group fails, so that no position is silently missing.
 */
export function fetchOffsets(
  cluster: Cluster,
  queries: readonly GroupOffsetsQuery[],
  { requireStable = false, ...options }: FetchOffsetsOptions = {},
): Promise<Outcome<readonly CommittedOffset[]>[]> {
  return perCoordinator(cluster, queries, {
    ...options,
    what: 'reading group offsets',
    kind: 'group',
    keyOf: ({ groupId }) => groupId,
    ask: async (node, part, limits) => {
      const connection = await cluster.connection(node, limits)
      const version = connection.versions.pick(OffsetFetch, VERSION_MAX)
      if (version >= MANY_GROUPS_FROM) return fetchMany(connection, version, part, requireStable, limits)
      return Promise.all(
        part.map((query) => outcomeOf(fetchOne(connection, version, query, requireStable, limits))),
      )
    },
  })
}

async function fetchMany(
  connection: Connection,
  version: number,
  queries: readonly GroupOffsetsQuery[],
  requireStable: boolean,
  limits: WaitOptions,
): Promise<Outcome<readonly CommittedOffset[]>[]> {
  const groups = queries.map(({ groupId, partitions }) => ({ groupId, topics: topicsOf(partitions) }))
  const answer = await connection.send(OffsetFetch, { groups, requireStable }, { ...limits, version })
  return matchAnswers({
    api: 'OffsetFetch',
    items: queries,
    keyOf: ({ groupId }) => groupId,
    answers: answer.groups,
    keyOfAnswer: ({ groupId }) => groupId,
    read: (group, { groupId }) => readGroup(group, groupId),
  })
}

async function fetchOne(
  connection: Connection,
  version: number,
  { groupId, partitions }: GroupOffsetsQuery,
  requireStable: boolean,
  limits: WaitOptions,
): Promise<readonly CommittedOffset[]> {
  const STABLE_FROM = 7
  const body = { groupId, topics: topicsOf(partitions), ...(version >= STABLE_FROM ? { requireStable } : {}) }
  const answer = await connection.send(OffsetFetch, body, { ...limits, version })
  const outcome = readGroup(answer, groupId)
  if (outcome.ok) return outcome.value
  throw outcome.error
}

type AnsweredGroup = Pick<OffsetFetchResponse['groups'][number], 'errorCode'> & {
  readonly topics: readonly {
    readonly name: string
    readonly partitions: OffsetFetchResponse['topics'][number]['partitions']
  }[]
}

function readGroup(
  { errorCode, topics }: AnsweredGroup,
  groupId: string,
): Outcome<readonly CommittedOffset[]> {
  if (errorCode !== 0) return outcomeOfCode({ errorCode }, `offsets of group ${groupId}`, () => [])
  const offsets: CommittedOffset[] = []
  for (const { name: topic, partitions } of topics) {
    for (const entry of partitions) {
      const at = { topic, partition: entry.partitionIndex }
      if (entry.errorCode !== 0) {
        return failed(new KafkaError(entry.errorCode, `offset of group ${groupId} on ${partitionName(at)}`))
      }
      offsets.push({
        ...at,
        offset: entry.committedOffset,
        leaderEpoch: entry.committedLeaderEpoch,
        metadata: entry.metadata,
      })
    }
  }
  return succeeded(offsets)
}

function topicsOf(partitions: readonly TopicPartition[] | undefined) {
  if (partitions === undefined) return null
  return new TopicGroups(partitions).list.map(({ topic: name, items }) => {
    return { name, partitionIndexes: items.map(({ partition }) => partition) }
  })
}
