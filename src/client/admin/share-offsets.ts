import { DescribeShareGroupOffsets } from '../../wire/apis/090-describe-share-group-offsets.ts'
import { AlterShareGroupOffsets } from '../../wire/apis/091-alter-share-group-offsets.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { KafkaError, throwOnKafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { failed, type Outcome, succeeded, unwrap } from '../outcome.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'

/** Where a share group begins on a partition (KIP-932): all before it is done with, of the rest some may be. */
export type ShareStart = TopicPartition & {
  /** -1 where the group has not begun. */
  readonly offset: number
}

/** Whether every broker that is asked knows these calls: Kafka 4.1 and later. */
export async function supportsShareOffsets(cluster: Cluster, options: CallOptions = {}): Promise<boolean> {
  const connection = await cluster.connection('any', cluster.limitsOf(options))
  return connection.versions.supports(AlterShareGroupOffsets)
}

/** Start offsets of share groups; one outcome per group, in order. */
export function fetchShareOffsets(
  cluster: Cluster,
  groupIds: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<readonly ShareStart[]>[]> {
  return perCoordinator(cluster, groupIds, {
    ...options,
    what: 'reading share group offsets',
    kind: 'group',
    keyOf: (groupId) => groupId,
    ask: async (node, part, limits) => {
      const groups = part.map((groupId) => ({ groupId, topics: null }))
      const answer = await cluster.request(DescribeShareGroupOffsets, { groups }, { node, ...limits })
      return matchAnswers({
        api: 'DescribeShareGroupOffsets',
        items: part,
        keyOf: (groupId) => groupId,
        answers: answer.groups,
        keyOfAnswer: ({ groupId }) => groupId,
        read: (group, groupId) =>
          outcomeOfCode(group, `offsets of share group ${groupId}`, () =>
            group.topics.flatMap(({ topicName: topic, partitions }) =>
              partitions
                .filter(({ errorCode }) => errorCode === 0)
                .map(({ partitionIndex: partition, startOffset: offset }) => ({ topic, partition, offset })),
            ),
          ),
      })
    },
  })
}

/**
 * Moves a share group without members to given offsets, making it where there is none; one outcome per partition, in
 * order. Errors: KAFKA_ERROR when the group as a whole is refused, NON_EMPTY_GROUP above all.
 */
export async function alterShareOffsets(
  cluster: Cluster,
  groupId: string,
  starts: readonly ShareStart[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  const groups = new TopicGroups(starts)
  groups.assertDistinct(`The start offsets of share group ${groupId}`)
  const topics = groups.list.map(({ topic: topicName, items }) => {
    const partitions = items.map(({ partition, offset }) => ({
      partitionIndex: partition,
      startOffset: offset,
    }))
    return { topicName, partitions }
  })
  const what = `offsets of share group ${groupId}`
  const [outcome] = await perCoordinator(cluster, [groupId], {
    ...options,
    what,
    kind: 'group',
    keyOf: (key) => key,
    ask: async (node, _, limits) => {
      const answer = await cluster.request(AlterShareGroupOffsets, { groupId, topics }, { node, ...limits })
      throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
      const results = groups.results<Outcome<void>>('AlterShareGroupOffsets')
      for (const { topicName: topic, partitions } of answer.responses) {
        for (const { partitionIndex: partition, errorCode } of partitions) {
          const about = `${what} on ${partitionName({ topic, partition })}`
          const refused = errorCode === 0 ? null : failed(new KafkaError(errorCode, about))
          results.put(topic, partition, refused ?? succeeded(undefined))
        }
      }
      return [succeeded(results.finish())]
    },
  })
  return unwrap(outcome!)
}
