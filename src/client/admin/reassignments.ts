import { AlterPartitionReassignments } from '../../wire/apis/045-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../wire/apis/046-list-partition-reassignments.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { throwOnKafkaError } from '../errors.ts'
import { outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import { type CallOptions, retrying } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'

/**
 * Where a partition's replicas shall be, the preferred leader first; null cancels a move that is going on
 * (KIP-455).
 */
export type Reassignment = TopicPartition & { readonly replicas: readonly number[] | null }

export type OngoingReassignment = TopicPartition & {
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
}

/** Begins or cancels moves of replicas; one outcome per partition, in order. The moves go on after the answer. */
export function alterReassignments(
  cluster: Cluster,
  reassignments: readonly Reassignment[],
  options: CallOptions = {},
): Promise<Outcome<void>[]> {
  return atController(cluster, reassignments, {
    ...options,
    what: 'moving replicas',
    ask: async (pending, limits) => {
      const groups = new TopicGroups(pending)
      groups.assertDistinct('AlterPartitionReassignments')
      const topics = groups.list.map(({ topic: name, items }) => {
        return {
          name,
          partitions: items.map(({ partition: partitionIndex, replicas }) => ({ partitionIndex, replicas })),
        }
      })
      const body = { topics, timeoutMs: Math.round(limits.timeoutMs) }
      const answer = await cluster.request(AlterPartitionReassignments, body, {
        node: 'controller',
        ...limits,
      })
      throwOnKafkaError(answer.errorCode, `moving replicas in ${cluster.name}`, answer.errorMessage)
      const results = groups.results<Outcome<void>>('AlterPartitionReassignments')
      for (const { name: topic, partitions } of answer.responses) {
        for (const { partitionIndex: partition, ...verdict } of partitions) {
          const what = `moving the replicas of ${partitionName({ topic, partition })}`
          results.put(
            topic,
            partition,
            outcomeOfCode(verdict, what, () => undefined),
          )
        }
      }
      return results.finish()
    },
  })
}

/** Moves that are going on, of all partitions. Errors: KAFKA_ERROR. */
export function listReassignments(
  cluster: Cluster,
  options: CallOptions = {},
): Promise<OngoingReassignment[]> {
  const limits = cluster.limitsOf(options)
  const what = `reassignments in ${cluster.name}`
  return retrying({ what, ...limits }, async ({ number, remainingMs: timeoutMs }) => {
    const rest = { ...limits, timeoutMs }
    if (number > 0) await cluster.refresh([], rest)
    const body = { topics: null, timeoutMs: Math.round(timeoutMs) }
    const answer = await cluster.request(ListPartitionReassignments, body, { node: 'controller', ...rest })
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    return answer.topics.flatMap(({ name: topic, partitions }) =>
      partitions.map(
        ({ partitionIndex: partition, replicas, addingReplicas: adding, removingReplicas: removing }) => {
          return { topic, partition, replicas, adding, removing }
        },
      ),
    )
  })
}
