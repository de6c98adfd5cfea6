import { DeleteGroups } from '../../wire/apis/042-delete-groups.ts'
import { OffsetDelete } from '../../wire/apis/047-offset-delete.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { KafkaError, throwOnKafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import { failed, type Outcome, succeeded, unwrap } from '../outcome.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'

/** Deletes groups without members, positions and all; one outcome per group, in order. */
export function deleteGroups(
  cluster: Cluster,
  groupIds: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  return perCoordinator(cluster, groupIds, {
    ...options,
    what: 'deleting groups',
    kind: 'group',
    keyOf: (groupId) => groupId,
    ask: async (node, part, limits) => {
      const answer = await cluster.request(DeleteGroups, { groupsNames: part }, { node, ...limits })
      return matchAnswers({
        api: 'DeleteGroups',
        items: part,
        keyOf: (groupId) => groupId,
        answers: answer.results,
        keyOfAnswer: ({ groupId }) => groupId,
        read: (result, groupId) => outcomeOfCode(result, `deleting group ${groupId}`, () => undefined),
      })
    },
  })
}

/**
 * Deletes single positions of a group that does not read those topics (KIP-496); one outcome per partition, in order.
 * Errors: KAFKA_ERROR when the group as a whole is refused.
 */
export async function deleteOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  const groups = new TopicGroups(partitions)
  groups.assertDistinct('OffsetDelete')
  const topics = groups.list.map(({ topic: name, items }) => {
    return { name, partitions: items.map(({ partition: partitionIndex }) => ({ partitionIndex })) }
  })
  const what = `deleting offsets of group ${groupId}`
  const [outcome] = await perCoordinator(cluster, [groupId], {
    ...options,
    what,
    kind: 'group',
    keyOf: (key) => key,
    ask: async (node, _, limits) => {
      const answer = await cluster.request(OffsetDelete, { groupId, topics }, { node, ...limits })
      throwOnKafkaError(answer.errorCode, what)
      const results = groups.results<Outcome<void>>('OffsetDelete')
      for (const { name: topic, partitions: parts } of answer.topics) {
        for (const { partitionIndex: partition, errorCode } of parts) {
          const where = `${what} on ${partitionName({ topic, partition })}`
          results.put(
            topic,
            partition,
            errorCode === 0 ? succeeded(undefined) : failed(new KafkaError(errorCode, where)),
          )
        }
      }
      return [succeeded(results.finish())]
    },
  })
  return unwrap(outcome!)
}
