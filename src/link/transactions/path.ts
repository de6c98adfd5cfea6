import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import { writeTxnMarkers } from '../../client/txn-markers.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError } from '../errors.ts'
import { takeOver } from '../ports/transactional.ts'
import { transactionalIdPrefix, transactionalIdsOf } from './gap-transactions.ts'

/** How a link fills offsets that no reader sees: by markers of its own, or by empty transactions. */
export type GapPath = 'markers' | 'transactions'

/** A topic that nobody has: a marker for it is refused either for the missing right or for the missing topic. */
const NO_TOPIC = '__kmc_no_such_topic'
const LIMITS = { timeoutMs: 10_000 }
const TAKEN_OVER_AT_ONCE = 8

/** Whether the principal may write markers (ALTER or CLUSTER_ACTION on the cluster). Writes nothing. */
async function mayWriteMarkers(cluster: Cluster): Promise<boolean> {
  const partitions = [{ topic: NO_TOPIC, partition: 0 }]
  const marker = { producerId: 0, producerEpoch: 0, committed: true, coordinatorEpoch: 0, partitions }
  const { nodeId: node } = await anyBroker(cluster)
  const [answer] = await writeTxnMarkers(cluster, { node, ...LIMITS }, [marker])
  const code = answer!.errorCode
  if (code === ErrorCode.CLUSTER_AUTHORIZATION_FAILED) return false
  if (code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) return true
  const text = `${cluster.name} answered a marker for a topic that is not there with ${errorOf(code).name}`
  throw linkError('MIRROR_FAILED', text, { retriable: true })
}

async function anyBroker(cluster: Cluster): Promise<{ readonly nodeId: number }> {
  if (cluster.metadata.brokers.length === 0) await cluster.refresh([], LIMITS)
  const [broker] = cluster.metadata.brokers
  if (broker !== undefined) return broker
  throw linkError('DESTINATION_UNREACHABLE', `${cluster.name} names no brokers`, { retriable: true })
}

/** Whether it may use the link's transactional ids. Uses one beside them, so that a worker is not disturbed. */
async function mayUseTransactions(cluster: Cluster, link: string): Promise<boolean> {
  try {
    await takeOver(cluster, `${transactionalIdPrefix(link)}-check`)
    return true
  } catch (error) {
    if (isKafkaError(error, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')) return false
    throw error
  }
}

/** The path that the rights at the destination allow; null when they allow neither. */
export async function possiblePath(cluster: Cluster, link: string): Promise<GapPath | null> {
  if (await mayWriteMarkers(cluster)) return 'markers'
  return (await mayUseTransactions(cluster, link)) ? 'transactions' : null
}

/**
 * To be done before a link that used transactions fills gaps by markers: what a former worker left open would be
 * ended by the coordinator a minute later, and its markers would stand among the records.
 */
export async function leaveTransactions(cluster: Cluster, link: string): Promise<void> {
  const ids = transactionalIdsOf(link)
  const take = async () => {
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) await takeOver(cluster, id)
  }
  await Promise.all(Array.from({ length: TAKEN_OVER_AT_ONCE }, take))
}
