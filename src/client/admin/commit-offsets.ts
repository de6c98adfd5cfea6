import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { KafkaError } from '../errors.ts'
import { failed, type Outcome, succeeded } from '../outcome.ts'
import { partitionName } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'
import type { CommittedOffset } from './group-offsets.ts'

/** Positions to write for one group from outside; the group must have no active members. */
export type OffsetCommitment = {
  readonly groupId: string
  /** A foreign leader epoch silences Java consumers without an error, so -1 (none) is what is sent unless one is given. */
  readonly offsets: readonly (Omit<CommittedOffset, 'leaderEpoch'> & { readonly leaderEpoch?: number })[]
}

/** What became of each position of one commitment, in order. */
export type CommitOutcomes = readonly Outcome<void>[]

/** From version 10 on topics go by id alone. */
const VERSION_MAX = 9
/** Says that the commit comes from outside the group. */
const NO_GENERATION = -1

/**
 * Writes positions of groups. One outcome per commitment, in order: the outer one tells whether the coordinator took the
 * request, the inner ones what became of each position. A commitment with retriable failures inside is sent again whole, and fails
 * as a whole when they stay.
 */
export function commitOffsets(
  cluster: Cluster,
  commitments: readonly OffsetCommitment[],
  options: CallOptions = {},
): Promise<Outcome<CommitOutcomes>[]> {
  return perCoordinator(cluster, commitments, {
    ...options,
    what: 'committing offsets',
    kind: 'group',
    keyOf: ({ groupId }) => groupId,
    ask: async (node, part, limits) => {
      const connection = await cluster.connection(node, limits)
      const version = connection.versions.pick(OffsetCommit, VERSION_MAX)
      return Promise.all(
        part.map(async (commitment) => {
          const answer = await connection.send(OffsetCommit, requestOf(commitment), { ...limits, version })
          return readAnswer(commitment, answer.topics)
        }),
      )
    },
  })
}

function requestOf({ groupId, offsets }: OffsetCommitment) {
  const groups = new TopicGroups(offsets)
  groups.assertDistinct('A commitment')
  const topics = groups.list.map(({ topic: name, items }) => ({
    name,
    partitions: items.map(({ partition, offset, leaderEpoch = -1, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      committedMetadata: metadata,
    })),
  }))
  return { groupId, generationIdOrMemberEpoch: NO_GENERATION, memberId: '', topics }
}

type AnsweredTopic = {
  readonly name: string
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
}

function readAnswer(
  { groupId, offsets }: OffsetCommitment,
  topics: readonly AnsweredTopic[],
): Outcome<CommitOutcomes> {
  const results = new TopicGroups(offsets).results<Outcome<void>>('OffsetCommit')
  for (const { name: topic, partitions } of topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const what = `offset of group ${groupId} on ${partitionName({ topic, partition })}`
      results.put(
        topic,
        partition,
        errorCode === 0 ? succeeded(undefined) : failed(new KafkaError(errorCode, what)),
      )
    }
  }
  const outcomes = results.finish()
  const retriable = outcomes.find((outcome) => !outcome.ok && outcome.error.retriable)
  return retriable === undefined || retriable.ok ? succeeded(outcomes) : retriable
}
