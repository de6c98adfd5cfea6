import { DescribeCluster } from '../../wire/apis/060-describe-cluster.ts'
import type { Cluster } from '../cluster.ts'
import { throwOnKafkaError } from '../errors.ts'
import type { Broker } from '../metadata.ts'
import { type CallOptions, retrying } from '../retry.ts'

export type ClusterDescription = {
  readonly clusterId: string
  readonly controllerId: number
  /** A fenced broker is registered and not in service; older brokers do not list them. */
  readonly brokers: readonly (Broker & { readonly isFenced: boolean })[]
}

const FENCED_FROM = 2

/** Brokers and controller, asked anew. Errors: KAFKA_ERROR and those of `Cluster.request`. */
export function describeCluster(cluster: Cluster, options: CallOptions = {}): Promise<ClusterDescription> {
  const limits = cluster.limitsOf(options)
  const what = `cluster ${cluster.name}`
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const rest = { ...limits, timeoutMs }
    const connection = await cluster.connection('any', rest)
    const fenced = connection.versions.supports(DescribeCluster, FENCED_FROM)
      ? { includeFencedBrokers: true }
      : {}
    const answer = await connection.send(DescribeCluster, fenced, rest)
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    return {
      clusterId: answer.clusterId,
      controllerId: answer.controllerId,
      brokers: answer.brokers.map(({ brokerId: nodeId, host, port, rack, isFenced }) => {
        return { nodeId, host, port, rack, isFenced }
      }),
    }
  })
}
