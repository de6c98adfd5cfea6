import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { ClientAccess } from '../../engine/kafka/security.ts'
import { CreateTopics } from '../../wire/apis/019-create-topics.ts'

const PROBE_TIMEOUT_MS = 3_000

/**
 * Whether a broker does its work: it answers, knows the brokers of its cluster with itself among them, and takes a
 * request that only an unfenced broker with a controller takes (an empty CreateTopics, which makes nothing).
 */
export async function brokerAnswers(bootstrap: readonly string[], access: ClientAccess): Promise<boolean> {
  const limits = { connectTimeoutMs: PROBE_TIMEOUT_MS, requestTimeoutMs: PROBE_TIMEOUT_MS }
  const cluster = await Cluster.connect({ name: 'probe', ...access, bootstrap, ...limits })
  try {
    if (cluster.metadata.brokers.length === 0) return false
    await cluster.request(CreateTopics, { topics: [], timeoutMs: PROBE_TIMEOUT_MS }, { node: 'any' })
    return true
  } finally {
    await cluster.close()
  }
}

/** The id of a cluster that answers. @throws the client's errors */
export async function askClusterId(config: ClusterConfig, signal: AbortSignal): Promise<string> {
  const cluster = await Cluster.connect(config, { timeoutMs: PROBE_TIMEOUT_MS * 2, signal })
  try {
    return cluster.clusterId
  } finally {
    await cluster.close()
  }
}
