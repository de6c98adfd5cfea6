import type { Cluster } from '../client/cluster.ts'
import { initProducerId } from '../client/producer-id.ts'

/** Any name does: asking for its coordinator is what makes the cluster create the topic behind. */
const PROBE = '__kmc_warm'
const TIMEOUT_MS = 60_000

/**
 * Makes a cluster ready for clients that come all at once: `__consumer_offsets` and `__transaction_state` exist and
 * their coordinators answer. Without the latter a transactional producer retries for ever and tells nobody. Takes
 * seconds on a cluster that never had a group. Errors: KAFKA_ERROR and those of `Cluster.request`.
 */
export async function warm(cluster: Cluster): Promise<void> {
  const limits = { timeoutMs: TIMEOUT_MS }
  await Promise.all([
    cluster.coordinator('group', PROBE, limits),
    cluster.coordinator('transaction', PROBE, limits),
    initProducerId(cluster, limits),
  ])
}
