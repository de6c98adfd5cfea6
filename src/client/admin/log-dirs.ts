import { DescribeLogDirs } from '../../wire/apis/035-describe-log-dirs.ts'
import { type BrokerFailure, perBroker } from '../broker-calls.ts'
import type { Cluster } from '../cluster.ts'
import { KafkaError, throwOnKafkaError } from '../errors.ts'
import type { CallOptions } from '../retry.ts'

export type LogDirPartition = {
  readonly topic: string
  readonly partition: number
  readonly sizeBytes: number
  /** How far a copy that is being moved between directories is behind. */
  readonly offsetLag: number
  readonly isFuture: boolean
}

export type LogDir = {
  readonly node: number
  readonly path: string
  /** What is wrong with the directory; null when nothing is. */
  readonly error: KafkaError | null
  /** Null where the broker does not say (KIP-827). */
  readonly totalBytes: number | null
  readonly usableBytes: number | null
  readonly partitions: readonly LogDirPartition[]
}

/** `failures`: brokers that could not be asked. */
export type LogDirListing = {
  readonly logDirs: readonly LogDir[]
  readonly failures: readonly BrokerFailure[]
}

/** Sizes on disk of every replica on every broker, or on some. */
export async function describeLogDirs(
  cluster: Cluster,
  { nodes, ...options }: CallOptions & { readonly nodes?: readonly number[] } = {},
): Promise<LogDirListing> {
  const { answers, failures } = await perBroker(cluster, {
    ...options,
    nodes,
    what: `log directories of ${cluster.name}`,
    ask: async (node, limits) => {
      const answer = await cluster.request(DescribeLogDirs, { topics: null }, { node, ...limits })
      throwOnKafkaError(answer.errorCode, `log directories of broker ${node} in ${cluster.name}`)
      return answer.results
    },
  })
  const logDirs = answers.flatMap(({ node, value }) =>
    value.map(({ errorCode, logDir: path, topics, totalBytes, usableBytes }) => ({
      node,
      path,
      error: errorCode === 0 ? null : new KafkaError(errorCode, `log directory ${path} of broker ${node}`),
      totalBytes: totalBytes < 0 ? null : totalBytes,
      usableBytes: usableBytes < 0 ? null : usableBytes,
      partitions: topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(
          ({ partitionIndex: partition, partitionSize: sizeBytes, offsetLag, isFutureKey: isFuture }) => {
            return { topic, partition, sizeBytes, offsetLag, isFuture }
          },
        ),
      ),
    })),
  )
  return { logDirs, failures }
}
