import { DescribeTransactions } from '../../wire/apis/065-describe-transactions.ts'
import { ListTransactions } from '../../wire/apis/066-list-transactions.ts'
import { type BrokerFailure, perBroker } from '../broker-calls.ts'
import type { Cluster } from '../cluster.ts'
import { perCoordinator } from '../coordinator-calls.ts'
import { throwOnKafkaError } from '../errors.ts'
import { matchAnswers, outcomeOfCode } from '../match-answers.ts'
import type { Outcome } from '../outcome.ts'
import type { CallOptions } from '../retry.ts'

export type ListedTransaction = {
  readonly transactionalId: string
  readonly producerId: number
  /** Kafka's word: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, PrepareEpochFence. */
  readonly state: string
  readonly coordinator: number
}

/** `failures`: coordinators that could not be asked; their transactions are missing. */
export type TransactionListing = {
  readonly transactions: readonly ListedTransaction[]
  readonly failures: readonly BrokerFailure[]
}

export type ListTransactionsOptions = CallOptions & {
  readonly states?: readonly string[]
  readonly producerIds?: readonly number[]
  /** Only those open for longer than this (KIP-994). */
  readonly longerThanMs?: number
}

export type TransactionDescription = {
  readonly transactionalId: string
  readonly state: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly timeoutMs: number
  /** Null while none is open. */
  readonly startedAtMs: number | null
  readonly partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[]
  readonly coordinator: number
}

const DURATION_FROM = 1

/** Asks every broker for the transactional ids it coordinates (KIP-664). */
export async function listTransactions(
  cluster: Cluster,
  { states = [], producerIds = [], longerThanMs, ...options }: ListTransactionsOptions = {},
): Promise<TransactionListing> {
  const body = { stateFilters: states, producerIdFilters: producerIds, durationFilter: longerThanMs ?? -1 }
  const { answers, failures } = await perBroker(cluster, {
    ...options,
    what: `transactions of ${cluster.name}`,
    ask: async (node, limits) => {
      const connection = await cluster.connection(node, limits)
      if (longerThanMs !== undefined) connection.versions.require(ListTransactions, DURATION_FROM)
      const answer = await connection.send(ListTransactions, body, limits)
      throwOnKafkaError(answer.errorCode, `transactions of broker ${node} in ${cluster.name}`)
      return answer.transactionStates
    },
  })
  const transactions = answers.flatMap(({ node, value }) =>
    value.map(({ transactionalId, producerId, transactionState: state }) => {
      return { transactionalId, producerId, state, coordinator: node }
    }),
  )
  return { transactions, failures }
}

/** State and partitions of transactional ids; one outcome per id, in order. */
export function describeTransactions(
  cluster: Cluster,
  transactionalIds: readonly string[],
  options: CallOptions = {},
): Promise<Outcome<TransactionDescription>[]> {
  return perCoordinator(cluster, transactionalIds, {
    ...options,
    what: 'describing transactions',
    kind: 'transaction',
    keyOf: (id) => id,
    ask: async (node, part, limits) => {
      const answer = await cluster.request(
        DescribeTransactions,
        { transactionalIds: part },
        { node, ...limits },
      )
      return matchAnswers({
        api: 'DescribeTransactions',
        items: part,
        keyOf: (id) => id,
        answers: answer.transactionStates,
        keyOfAnswer: ({ transactionalId }) => transactionalId,
        read: (state, id) =>
          outcomeOfCode(state, `transactional id ${id}`, () => ({
            transactionalId: id,
            state: state.transactionState,
            producerId: state.producerId,
            producerEpoch: state.producerEpoch,
            timeoutMs: state.transactionTimeoutMs,
            startedAtMs: state.transactionStartTimeMs < 0 ? null : state.transactionStartTimeMs,
            partitions: state.topics.map(({ topic, partitions }) => ({ topic, partitions })),
            coordinator: node,
          })),
      })
    },
  })
}
