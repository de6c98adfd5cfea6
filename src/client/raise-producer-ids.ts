import { InitProducerId } from '../wire/apis/022-init-producer-id.ts'
import type { Cluster } from './cluster.ts'
import { throwOnKafkaError } from './errors.ts'
import { type CallOptions, retrying } from './retry.ts'

/** Requests on their way at a time: 11,500 ids a second of one broker. */
const AT_ONCE = 200
const LANE = 'producer-ids'

/**
 * Takes producer ids of a cluster and throws them away until each of its brokers hands out ids from `from` on. Brokers
 * draw ids from the controller by blocks of 1,000 that count up (KIP-730), so nobody gets a lower one afterwards. May
 * be broken off and repeated: what was taken stays taken. Returns how many were thrown away. Errors: KAFKA_ERROR and
 * those of `Cluster.request`.
 */
export async function raiseProducerIds(
  cluster: Cluster,
  from: number,
  options: CallOptions & { readonly stopping?: () => boolean } = {},
): Promise<number> {
  const { stopping = () => false, ...call } = options
  let taken = 0
  for (const { nodeId: node } of cluster.metadata.brokers) {
    for (let reached = await takeOne(cluster, node, call); reached < from; ) {
      if (stopping()) return taken
      const count = Math.min(AT_ONCE, from - reached)
      const ids = await Promise.all(Array.from({ length: count }, () => takeOne(cluster, node, call)))
      taken += count
      reached = Math.max(...ids)
    }
  }
  return taken
}

function takeOne(cluster: Cluster, node: number, options: CallOptions): Promise<number> {
  const limits = cluster.limitsOf(options)
  const what = `producer id of broker ${node} of ${cluster.name}`
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const body = { transactionalId: null, transactionTimeoutMs: 60_000 }
    const answer = await cluster.request(InitProducerId, body, { node, lane: LANE, ...limits, timeoutMs })
    throwOnKafkaError(answer.errorCode, what)
    return answer.producerId
  })
}
