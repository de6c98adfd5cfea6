import { InitProducerId } from '../wire/apis/022-init-producer-id.ts'
import type { Cluster } from './cluster.ts'
import { throwOnKafkaError } from './errors.ts'
import { type CallOptions, retrying } from './retry.ts'

/**
 * A producer id is unique in its cluster and 0 is a legal one; the epoch fences older holders of a transactional
 * id.
 */
export type ProducerIdentity = { readonly producerId: number; readonly producerEpoch: number }

export type ProducerIdOptions = CallOptions & {
  /** With it the same id comes back each time, with a higher epoch; an open transaction is aborted first. */
  readonly transactionalId?: string
  /** After which the coordinator aborts a transaction; counts only with a transactional id. */
  readonly transactionTimeoutMs?: number
}

const TRANSACTION_TIMEOUT_MS = 60_000

/**
 * Asks for a producer id (KIP-98), repeated while the coordinator is loading or busy ending a transaction. Errors:
 * KAFKA_ERROR and those of `Cluster.request`.
 */
export function initProducerId(cluster: Cluster, options: ProducerIdOptions = {}): Promise<ProducerIdentity> {
  const { transactionalId = null, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = options
  const limits = cluster.limitsOf(options)
  const what = `producer id in ${cluster.name}`
  return retrying({ what, ...limits }, async ({ number, remainingMs }) => {
    const rest = { ...limits, timeoutMs: remainingMs }
    if (transactionalId !== null && number > 0) cluster.forgetCoordinator('transaction', transactionalId)
    const node =
      transactionalId === null ? 'any' : await cluster.coordinator('transaction', transactionalId, rest)
    const answer = await cluster.request(
      InitProducerId,
      { transactionalId, transactionTimeoutMs },
      { node, ...rest },
    )
    throwOnKafkaError(answer.errorCode, what)
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
  })
}
