import {
  DescribeQuorum,
  type DescribeQuorumResponseReplicaState,
} from '../../wire/apis/055-describe-quorum.ts'
import type { Cluster } from '../cluster.ts'
import { ClientError, throwOnKafkaError } from '../errors.ts'
import { type CallOptions, retrying } from '../retry.ts'

export type QuorumReplica = {
  readonly nodeId: number
  readonly logEndOffset: number
  /** Milliseconds since the epoch; null when the leader does not say. */
  readonly lastFetchAtMs: number | null
  readonly lastCaughtUpAtMs: number | null
}

/** The controllers of a KRaft cluster (KIP-595). */
export type Quorum = {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly voters: readonly QuorumReplica[]
  readonly observers: readonly QuorumReplica[]
}

const METADATA_LOG = { topicName: '__cluster_metadata', partitionIndex: 0 }

/** Errors: UNSUPPORTED_BY_BROKER with ZooKeeper; KAFKA_ERROR. */
export function describeQuorum(cluster: Cluster, options: CallOptions = {}): Promise<Quorum> {
  const limits = cluster.limitsOf(options)
  const what = `controller quorum of ${cluster.name}`
  const { topicName, partitionIndex } = METADATA_LOG
  const body = { topics: [{ topicName, partitions: [{ partitionIndex }] }] }
  return retrying({ what, ...limits }, async ({ remainingMs: timeoutMs }) => {
    const answer = await cluster.request(DescribeQuorum, body, { node: 'controller', ...limits, timeoutMs })
    throwOnKafkaError(answer.errorCode, what, answer.errorMessage)
    const log = answer.topics.find((topic) => topic.topicName === topicName)?.partitions[0]
    if (log === undefined)
      throw new ClientError('INCOMPLETE_RESPONSE', 'The answer to DescribeQuorum is empty.')
    throwOnKafkaError(log.errorCode, what, log.errorMessage)
    const { leaderId, leaderEpoch, highWatermark, currentVoters, observers } = log
    return {
      leaderId,
      leaderEpoch,
      highWatermark,
      voters: currentVoters.map(replicaOf),
      observers: observers.map(replicaOf),
    }
  })
}

function replicaOf(state: DescribeQuorumResponseReplicaState): QuorumReplica {
  const {
    replicaId: nodeId,
    logEndOffset,
    lastFetchTimestamp: fetched,
    lastCaughtUpTimestamp: caughtUp,
  } = state
  return {
    nodeId,
    logEndOffset,
    lastFetchAtMs: fetched < 0 ? null : fetched,
    lastCaughtUpAtMs: caughtUp < 0 ? null : caughtUp,
  }
}
