import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import type { Cluster } from '../cluster.ts'
import type { Connection } from '../connection.ts'
import type { WaitOptions } from '../connection-pool.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { KafkaError } from '../errors.ts'
import { fanOut } from '../fan-out.ts'
import type { Standing } from '../group/calls.ts'
import { failed, type Outcome, succeeded } from '../outcome.ts'
import { partitionName } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'
import type { CommittedOffset } from './group-offsets.ts'

/**
 * A position to write. A foreign leader epoch silences Java consumers without an error: none (-1) is sent unless
 * given.
 */
export type OffsetToCommit = Omit<CommittedOffset, 'leaderEpoch'> & { readonly leaderEpoch?: number }

/** Positions to write for one group: by a member of it, or from outside while it has no active members. */
export type OffsetCommitment = {
  readonly groupId: string
  readonly member?: Standing | undefined
  readonly offsets: readonly OffsetToCommit[]
}

type Position = OffsetToCommit & Pick<OffsetCommitment, 'groupId' | 'member'>

/** From version 10 on topics go by id alone. */
const VERSION_MAX = 9
/** Says that the commit comes from outside the group. */
const OUTSIDE: Standing = { memberId: '', generation: -1 }

/** Writes positions of groups. Gives for each commitment one outcome per position, in order. */
export async function commitOffsets(
  cluster: Cluster,
  commitments: readonly OffsetCommitment[],
  options: CallOptions = {},
): Promise<Outcome<void>[][]> {
  const positions = commitments.map(({ groupId, member, offsets }) =>
    offsets.map((offset) => ({ groupId, member, ...offset })),
  )
  const all: Position[] = positions.flat()
  const outcomes = await perCoordinator(cluster, all, {
    ...options,
    what: 'committing offsets',
    kind: 'group',
    keyOf: ({ groupId }) => groupId,
    ask: async (node, part, limits) => {
      const connection = await cluster.connection(node, limits)
      const byGroup = Map.groupBy(part, ({ groupId }) => groupId)
      const answers = await fanOut(byGroup, (groupId, own) => commit(connection, groupId, own, limits))
      return part.map((position) => answers.get(position)!)
    },
  })
  const outcomeOf = new Map(all.map((position, at) => [position, outcomes[at]!]))
  return positions.map((own) => own.map((position) => outcomeOf.get(position)!))
}

async function commit(
  connection: Connection,
  groupId: string,
  positions: readonly Position[],
  limits: WaitOptions,
): Promise<Outcome<void>[]> {
  const groups = new TopicGroups(positions)
  groups.assertDistinct(`The commitment of group ${groupId}`)
  const topics = groups.list.map(({ topic: name, items }) => ({
    name,
    partitions: items.map(({ partition, offset, leaderEpoch = -1, metadata }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch,
      committedMetadata: metadata,
    })),
  }))
  const { memberId, generation: generationIdOrMemberEpoch } = positions[0]?.member ?? OUTSIDE
  const body = { groupId, generationIdOrMemberEpoch, memberId, topics }
  const version = connection.versions.pick(OffsetCommit, VERSION_MAX)
  const answer = await connection.send(OffsetCommit, body, { ...limits, version })
  const results = groups.results<Outcome<void>>('OffsetCommit')
  for (const { name: topic, partitions } of answer.topics) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const what = `offset of group ${groupId} on ${partitionName({ topic, partition })}`
      results.put(
        topic,
        partition,
        errorCode === 0 ? succeeded(undefined) : failed(new KafkaError(errorCode, what)),
      )
    }
  }
  return results.finish()
}
