import { describeTransactions, listTransactions } from '../../../client/admin/transactions.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { describeProducers } from '../../../client/describe-producers.ts'
import { unwrap } from '../../../client/outcome.ts'
import type { ProducerFacts, TopicFacts, TransactionFacts } from '../facts.ts'
import type { Budget } from './budget.ts'

/** What leaders remember of producers (KIP-664): those without an id leave no trace. */
export async function readProducers(
  cluster: Cluster,
  topics: readonly TopicFacts[],
  budget: Budget,
): Promise<ProducerFacts[]> {
  const partitions = topics.flatMap(({ name, partitions: count, leaderless }) => {
    const all = Array.from({ length: count }, (_, partition) => ({ topic: name, partition }))
    return all.filter(({ partition }) => !leaderless.includes(partition))
  })
  if (partitions.length === 0) return []
  const outcomes = await describeProducers(cluster, partitions, budget.limits)
  return outcomes.flatMap((outcome) => {
    const { topic, partition, producers } = unwrap(outcome)
    return producers.map((one) => ({
      topic,
      partition,
      producerId: one.producerId,
      producerEpoch: one.producerEpoch,
      lastSequence: one.lastSequence,
      lastAt: one.lastTimestamp,
      inTransaction: one.currentTxnStartOffset >= 0,
    }))
  })
}

const OPEN = ['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']

/** Every transactional id; those with an open transaction with what is open. */
export async function readTransactions(cluster: Cluster, budget: Budget): Promise<TransactionFacts[]> {
  const { transactions, failures } = await listTransactions(cluster, budget.limits)
  const [failure] = failures
  if (failure !== undefined) throw failure.error
  const open = transactions.filter(({ state }) => OPEN.includes(state))
  const ids = open.map(({ transactionalId }) => transactionalId)
  const outcomes = ids.length === 0 ? [] : await describeTransactions(cluster, ids, budget.limits)
  const described = new Map(
    outcomes.flatMap((one) => (one.ok ? [[one.value.transactionalId, one.value]] : [])),
  )
  return transactions.map(({ transactionalId, producerId, state }) => {
    const details = described.get(transactionalId)
    return {
      transactionalId,
      producerId,
      state: details?.state ?? state,
      timeoutMs: details?.timeoutMs ?? null,
      startedAt: details?.startedAtMs ?? null,
      partitions: (details?.partitions ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => `${topic}-${partition}`),
      ),
    }
  })
}
