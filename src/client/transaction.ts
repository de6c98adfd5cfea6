import { AddPartitionsToTxn } from '../wire/apis/024-add-partitions-to-txn.ts'
import { EndTxn } from '../wire/apis/026-end-txn.ts'
import type { Cluster } from './cluster.ts'
import { KafkaError, throwOnKafkaError } from './errors.ts'
import { failed, type Outcome, succeeded } from './outcome.ts'
import { partitionName, type TopicPartition } from './partition.ts'
import type { ProducerIdentity } from './producer-id.ts'
import { type CallOptions, retrying } from './retry.ts'
import { TopicGroups } from './topic-groups.ts'

/** A holder of a transactional id, from `initProducerId`. */
export type TransactionHolder = ProducerIdentity & { readonly transactionalId: string }

export type TransactionCallOptions = CallOptions & {
  /**
   * Default true. False: a request whose answer never came is an error at once. Sent again, its first copy could still
   * arrive after the transaction's end and begin another one; only a new epoch makes sure that it does not.
   */
  readonly resendLost?: boolean
}

/** Version 4 is brokers' own, has another shape and needs CLUSTER_ACTION (KIP-890). */
const ADD_PARTITIONS_VERSION = 3
/**
 * From version 5 on the coordinator raises the epoch at each end (KIP-890), which a caller who keeps his would not
 * survive.
 */
const END_TXN_VERSION = 4

/**
 * Adds partitions to the open transaction, beginning one when there is none. All are added or none. Errors:
 * KAFKA_ERROR (PRODUCER_FENCED and INVALID_PRODUCER_EPOCH: somebody else holds the id now).
 */
export async function addPartitionsToTransaction(
  cluster: Cluster,
  holder: TransactionHolder,
  partitions: readonly TopicPartition[],
  options: TransactionCallOptions = {},
): Promise<void> {
  const groups = new TopicGroups(partitions)
  groups.assertDistinct('AddPartitionsToTxn')
  const body = {
    v3AndBelowTransactionalId: holder.transactionalId,
    v3AndBelowProducerId: holder.producerId,
    v3AndBelowProducerEpoch: holder.producerEpoch,
    v3AndBelowTopics: groups.list.map(({ topic: name, items }) => {
      return { name, partitions: items.map(({ partition }) => partition) }
    }),
  }
  await atTransactionCoordinator(
    cluster,
    holder,
    'adding partitions to the transaction of',
    options,
    async (route) => {
      const answer = await cluster.request(AddPartitionsToTxn, body, {
        ...route,
        version: ADD_PARTITIONS_VERSION,
      })
      const results = groups.results<Outcome<void>>('AddPartitionsToTxn')
      for (const { name: topic, resultsByPartition } of answer.resultsByTopicV3AndBelow) {
        for (const { partitionIndex: partition, partitionErrorCode: code } of resultsByPartition) {
          const name = partitionName({ topic, partition })
          const what = `adding ${name} to the transaction of ${holder.transactionalId}`
          results.put(
            topic,
            partition,
            code === 0 ? succeeded(undefined) : failed(new KafkaError(code, what)),
          )
        }
      }
      const outcomes = results.finish()
      // The others fail with OPERATION_NOT_ATTEMPTED: the one that says why comes first.
      throwFirst(outcomes, 'OPERATION_NOT_ATTEMPTED')
    },
  )
}

/**
 * Commits or aborts the open transaction. The answer comes before the markers are in the partitions: whoever needs
 * them there must wait until ListOffsets shows them. Errors: KAFKA_ERROR.
 */
export async function endTransaction(
  cluster: Cluster,
  holder: TransactionHolder,
  committed: boolean,
  options: TransactionCallOptions = {},
): Promise<void> {
  const { transactionalId, producerId, producerEpoch } = holder
  await atTransactionCoordinator(cluster, holder, 'ending the transaction of', options, async (route) => {
    const body = { transactionalId, producerId, producerEpoch, committed }
    const answer = await cluster.request(EndTxn, body, { ...route, version: END_TXN_VERSION })
    throwOnKafkaError(answer.errorCode, `ending the transaction of ${transactionalId}`)
  })
}

type NodeRoute = {
  readonly node: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Repeats while the coordinator moves, loads, or still ends the previous transaction (CONCURRENT_TRANSACTIONS). */
function atTransactionCoordinator(
  cluster: Cluster,
  { transactionalId }: TransactionHolder,
  what: string,
  { resendLost = true, ...options }: TransactionCallOptions,
  ask: (route: NodeRoute) => Promise<void>,
): Promise<void> {
  const limits = cluster.limitsOf(options)
  return retrying(
    { what: `${what} ${transactionalId}`, ...limits, isFinal: (error) => !resendLost && isLost(error) },
    async ({ number, remainingMs: timeoutMs }) => {
      const rest = { ...limits, timeoutMs }
      if (number > 0) cluster.forgetCoordinator('transaction', transactionalId)
      await ask({ ...rest, node: await cluster.coordinator('transaction', transactionalId, rest) })
    },
  )
}

/** Whether the request may still be on its way. */
function isLost(error: unknown): boolean {
  return !(error instanceof KafkaError)
}

function throwFirst(outcomes: readonly Outcome<void>[], last: string): void {
  const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]))
  const first = errors.find((error) => error instanceof KafkaError && error.kafkaName !== last) ?? errors[0]
  if (first !== undefined) throw first
}
