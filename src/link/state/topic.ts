import type { Cluster } from '../../client/cluster.ts'
import { makeTopic } from '../ports/topics.ts'
import { STATE_TOPIC } from './value.ts'

const SETTINGS = {
  'cleanup.policy': 'compact',
  // Small segments, so that a log of a few facts stays a few kilobytes; a claim is read long before it is cleaned.
  'segment.bytes': String(16 * 1024 * 1024),
  'min.cleanable.dirty.ratio': '0.1',
}

/** Makes `__kmc_state` where it is missing: one partition, since its order is what leases rest on. */
export async function ensureStateTopic(cluster: Cluster): Promise<void> {
  await cluster.refresh([STATE_TOPIC])
  if (cluster.metadata.topic(STATE_TOPIC) !== undefined) return
  const replicationFactor = Math.min(3, cluster.metadata.brokers.length)
  await makeTopic(cluster, { name: STATE_TOPIC, partitions: 1, replicationFactor, configs: SETTINGS })
}
