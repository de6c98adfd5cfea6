import { ElectLeaders } from '../../wire/apis/043-elect-leaders.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import { atController } from '../controller-calls.ts'
import { throwOnKafkaError } from '../errors.ts'
import { outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import { partitionName, type TopicPartition } from '../partition.ts'
import type { CallOptions } from '../retry.ts'
import { TopicGroups } from '../topic-groups.ts'

/**
 * `preferred`: the first replica, when it is in sync; `unclean`: any live replica, at the price of records
 * (KIP-460).
 */
export type ElectionType = 'preferred' | 'unclean'

/** Whether the leader changed; false when the wanted one led already. */
export type Election = { readonly changed: boolean }

/** Elects leaders; one outcome per partition, in order. */
export function electLeaders(
  cluster: Cluster,
  type: ElectionType,
  partitions: readonly TopicPartition[],
  options: CallOptions = {},
): Promise<Outcome<Election>[]> {
  return atController(cluster, partitions, {
    ...options,
    what: 'electing leaders',
    ask: async (pending, limits) => {
      const groups = new TopicGroups(pending)
      groups.assertDistinct('ElectLeaders')
      const topicPartitions = groups.list.map(({ topic, items }) => {
        return { topic, partitions: items.map(({ partition }) => partition) }
      })
      const electionType = type === 'preferred' ? 0 : 1
      const body = { electionType, topicPartitions, timeoutMs: Math.round(limits.timeoutMs) }
      const answer = await cluster.request(ElectLeaders, body, { node: 'controller', ...limits })
      throwOnKafkaError(answer.errorCode, `electing leaders in ${cluster.name}`)
      const results = groups.results<Outcome<Election>>('ElectLeaders')
      for (const { topic, partitionResult } of answer.replicaElectionResults) {
        for (const { partitionId: partition, ...verdict } of partitionResult) {
          const changed = verdict.errorCode !== ErrorCode.ELECTION_NOT_NEEDED
          const what = `electing a leader of ${partitionName({ topic, partition })}`
          results.put(
            topic,
            partition,
            outcomeOfCode(changed ? verdict : { errorCode: 0 }, what, () => ({ changed })),
          )
        }
      }
      return results.finish()
    },
  })
}
