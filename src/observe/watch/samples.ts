import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { describeLogDirs, type LogDirPartition } from '../../client/admin/log-dirs.ts'
import { describeQuorum, type QuorumReplica } from '../../client/admin/quorum.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isClientError } from '../../client/errors.ts'
import { partitionName } from '../../client/partition.ts'
import type { CallOptions } from '../../client/retry.ts'
import type { Breather } from './breather.ts'
import type { BrokersView, DirView, DisksView, QuorumReplicaView, QuorumView } from './view.ts'

export async function sampleBrokers(cluster: Cluster, options: CallOptions): Promise<BrokersView> {
  const { clusterId, controllerId, brokers } = await describeCluster(cluster, options)
  return { clusterId, brokers, controllerId: controllerId < 0 ? null : controllerId }
}

export async function sampleQuorum(
  cluster: Cluster,
  now: () => number,
  options: CallOptions,
): Promise<QuorumView> {
  try {
    const { leaderId, leaderEpoch, voters, observers } = await describeQuorum(cluster, options)
    const leader = voters.find(({ nodeId }) => nodeId === leaderId)
    const view = (replica: QuorumReplica): QuorumReplicaView => ({
      nodeId: replica.nodeId,
      lagRecords: Math.max(0, (leader?.logEndOffset ?? replica.logEndOffset) - replica.logEndOffset),
      behindMs: replica.lastCaughtUpAtMs === null ? null : Math.max(0, now() - replica.lastCaughtUpAtMs),
    })
    return {
      kind: 'kraft',
      leaderId: leaderId < 0 ? null : leaderId,
      leaderEpoch,
      voters: voters.map(view),
      observers: observers.map(view),
    }
  } catch (error) {
    if (isClientError(error, 'UNSUPPORTED_BY_BROKER')) return { kind: 'zookeeper' }
    throw error
  }
}

/** `bytesOf`: the size of each partition, the largest of its replicas, which is what its leader has. */
export async function sampleDisks(
  cluster: Cluster,
  breather: Breather,
  options: CallOptions,
): Promise<{ readonly view: DisksView; readonly bytesOf: ReadonlyMap<string, number> }> {
  const { logDirs, failures } = await describeLogDirs(cluster, options)
  const topicBytes = new Map<string, number>()
  const bytesOf = new Map<string, number>()
  const dirs: DirView[] = []
  for (const { node, path, error, totalBytes, usableBytes, partitions } of logDirs) {
    let logBytes = 0
    for (const entry of partitions) {
      logBytes += entry.sizeBytes
      add(entry, topicBytes, bytesOf)
      await breather.rest()
    }
    const fault = error?.message ?? null
    dirs.push({ nodeId: node, path, fault, totalBytes, usableBytes, logBytes, replicas: partitions.length })
  }
  const missing = failures.map(({ node, error }) => ({ nodeId: node, why: error.message }))
  return { view: { dirs, missing, topicBytes }, bytesOf }
}

function add(entry: LogDirPartition, topicBytes: Map<string, number>, bytesOf: Map<string, number>): void {
  const name = partitionName(entry)
  topicBytes.set(entry.topic, (topicBytes.get(entry.topic) ?? 0) + entry.sizeBytes)
  if (!entry.isFuture) bytesOf.set(name, Math.max(bytesOf.get(name) ?? 0, entry.sizeBytes))
}
