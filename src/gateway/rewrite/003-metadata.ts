import { Metadata } from '../../wire/apis/003-metadata.ts'
import { rewriting } from './rewrite.ts'
import type { View } from './view.ts'

/** First version whose answer carries topic ids. */
const TOPIC_IDS_FROM = 10

/**
 * Brokers become the slots of the route, topics keep one id for all clusters, and leader epochs vanish: a client that
 * saw both clusters' epochs would read everything again, or nothing.
 */
export const metadata = rewriting(Metadata, {
  request(body, view) {
    for (const topic of body.topics ?? []) topic.topicId = view.trueTopic(topic.topicId)
  },
  answer(body, view, version) {
    for (const broker of body.brokers) {
      const { host, port } = view.address(broker.nodeId)
      Object.assign(broker, { nodeId: view.node(broker.nodeId), host, port })
    }
    if (body.clusterId !== null) body.clusterId = view.clusterId
    body.controllerId = view.node(body.controllerId)
    for (const topic of body.topics) {
      if (version >= TOPIC_IDS_FROM) {
        if (topic.name !== null) view.topics.note(topic.name, topic.topicId)
        topic.topicId = view.virtualTopic(topic.topicId)
      }
      for (const partition of topic.partitions) {
        partition.leaderId = view.node(partition.leaderId)
        partition.leaderEpoch = -1
        for (const list of [partition.replicaNodes, partition.isrNodes, partition.offlineReplicas])
          toNodes(list, view)
      }
    }
  },
})

/** In place: broker ids become the nodes that clients know. */
export function toNodes(ids: number[], view: View): void {
  for (let at = 0; at < ids.length; at++) ids[at] = view.node(ids[at]!)
}

/** In place: nodes that a client names become broker ids. */
export function toBrokers(ids: number[], view: View): void {
  for (let at = 0; at < ids.length; at++) ids[at] = view.broker(ids[at]!)
}
