import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import { ConsumerGroupDescribe } from '../../wire/apis/069-consumer-group-describe.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { rewriting } from './rewrite.ts'

/**
 * GROUP_ID_NOT_FOUND is fatal to clients of KIP-848, and a cluster to which only positions were copied answers just
 * that. UNKNOWN_MEMBER_ID makes them join anew.
 */
export const consumerGroupHeartbeat = rewriting(ConsumerGroupHeartbeat, {
  request(body, view) {
    for (const topic of body.topicPartitions ?? []) topic.topicId = view.trueTopic(topic.topicId)
  },
  answer(body, view) {
    if (body.errorCode === ErrorCode.GROUP_ID_NOT_FOUND) body.errorCode = ErrorCode.UNKNOWN_MEMBER_ID
    for (const topic of body.assignment?.topicPartitions ?? [])
      topic.topicId = view.virtualTopic(topic.topicId)
  },
})

export const consumerGroupDescribe = rewriting(ConsumerGroupDescribe, {
  answer(body, view) {
    for (const { members } of body.groups) {
      for (const { assignment, targetAssignment } of members) {
        for (const topic of [...assignment.topicPartitions, ...targetAssignment.topicPartitions]) {
          view.topics.note(topic.topicName, topic.topicId)
          topic.topicId = view.virtualTopic(topic.topicId)
        }
      }
    }
  },
})
