import { CreateTopics } from '../../wire/apis/019-create-topics.ts'
import { DeleteTopics } from '../../wire/apis/020-delete-topics.ts'
import { DescribeConfigs } from '../../wire/apis/032-describe-configs.ts'
import { AlterConfigs } from '../../wire/apis/033-alter-configs.ts'
import { CreatePartitions } from '../../wire/apis/037-create-partitions.ts'
import { IncrementalAlterConfigs } from '../../wire/apis/044-incremental-alter-configs.ts'
import { AlterPartitionReassignments } from '../../wire/apis/045-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../wire/apis/046-list-partition-reassignments.ts'
import { DescribeCluster } from '../../wire/apis/060-describe-cluster.ts'
import { DescribeTopicPartitions } from '../../wire/apis/075-describe-topic-partitions.ts'
import { toBrokers, toNodes } from './003-metadata.ts'
import { rewriting } from './rewrite.ts'
import type { View } from './view.ts'

export const createTopics = rewriting(CreateTopics, {
  request(body, view) {
    for (const { assignments } of body.topics)
      for (const { brokerIds } of assignments) toBrokers(brokerIds, view)
  },
  answer(body, view) {
    for (const topic of body.topics) {
      view.topics.note(topic.name, topic.topicId)
      topic.topicId = view.virtualTopic(topic.topicId)
    }
  },
})

export const deleteTopics = rewriting(DeleteTopics, {
  request(body, view) {
    for (const topic of body.topics) topic.topicId = view.trueTopic(topic.topicId)
  },
  answer(body, view) {
    for (const topic of body.responses) topic.topicId = view.virtualTopic(topic.topicId)
  },
})

export const createPartitions = rewriting(CreatePartitions, {
  request(body, view) {
    for (const { assignments } of body.topics)
      for (const { brokerIds } of assignments ?? []) toBrokers(brokerIds, view)
  },
})

export const alterPartitionReassignments = rewriting(AlterPartitionReassignments, {
  request(body, view) {
    for (const { partitions } of body.topics)
      for (const { replicas } of partitions) toBrokers(replicas ?? [], view)
  },
})

export const listPartitionReassignments = rewriting(ListPartitionReassignments, {
  answer(body, view) {
    for (const { partitions } of body.topics) {
      for (const { replicas, addingReplicas, removingReplicas } of partitions)
        for (const list of [replicas, addingReplicas, removingReplicas]) toNodes(list, view)
    }
  },
})

export const describeCluster = rewriting(DescribeCluster, {
  answer(body, view) {
    body.clusterId = view.clusterId
    body.controllerId = view.node(body.controllerId)
    for (const broker of body.brokers) {
      const { host, port } = view.address(broker.brokerId)
      Object.assign(broker, { brokerId: view.node(broker.brokerId), host, port })
    }
  },
})

export const describeTopicPartitions = rewriting(DescribeTopicPartitions, {
  answer(body, view) {
    for (const topic of body.topics) {
      if (topic.name !== null) view.topics.note(topic.name, topic.topicId)
      topic.topicId = view.virtualTopic(topic.topicId)
      for (const partition of topic.partitions) {
        partition.leaderId = view.node(partition.leaderId)
        partition.leaderEpoch = -1
        const { replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas } = partition
        for (const list of [replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas])
          toNodes(list ?? [], view)
      }
    }
  },
})

/** ConfigResource.Type.BROKER: its name is a broker's id, empty for the default of all. */
const BROKER = 4
type Resource = { resourceType: number; resourceName: string }

function renamed(resources: readonly Resource[], rename: (id: number) => number): void {
  for (const resource of resources) {
    const { resourceType, resourceName } = resource
    if (resourceType === BROKER && /^\d+$/.test(resourceName))
      resource.resourceName = String(rename(Number(resourceName)))
  }
}

const toBroker = (body: { resources: Resource[] }, view: View) =>
  renamed(body.resources, (id) => view.broker(id))
const toNode = (body: { responses: Resource[] }, view: View) => renamed(body.responses, (id) => view.node(id))

export const describeConfigs = rewriting(DescribeConfigs, {
  request: toBroker,
  answer: ({ results }, view) => renamed(results, (id) => view.node(id)),
})
export const alterConfigs = rewriting(AlterConfigs, { request: toBroker, answer: toNode })
export const incrementalAlterConfigs = rewriting(IncrementalAlterConfigs, {
  request: toBroker,
  answer: toNode,
})
