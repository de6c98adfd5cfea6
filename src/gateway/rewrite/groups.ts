import { decodeResponseFrame, encodeResponseFrame } from '../../wire/api.ts'
import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import { ConsumerGroupDescribe } from '../../wire/apis/069-consumer-group-describe.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { type Rewriting, rewriting } from './rewrite.ts'

/** From here on a broker answers commits of members with the same code (KIP-848), which is fatal to all clients. */
const NOT_FOUND_FROM = 9
const SIZE_BYTES = 4
/** Brokers say 5 s, and some clients take two heartbeats to give up their partitions: a switch waits for both. */
const HEARTBEAT_MS_MAX = 2_000

/** A member whose group the next cluster has never heard of is told so as before version 9: it joins anew. */
export const offsetCommit: Rewriting = {
  request: null,
  answer(frame, version) {
    if (version < NOT_FOUND_FROM) return [frame]
    const { correlationId, body } = decodeResponseFrame(OffsetCommit, version, frame.subarray(SIZE_BYTES))
    const unknown = body.topics
      .flatMap(({ partitions }) => partitions)
      .filter(({ errorCode }) => errorCode === ErrorCode.GROUP_ID_NOT_FOUND)
    if (unknown.length === 0) return [frame]
    for (const partition of unknown) partition.errorCode = ErrorCode.UNKNOWN_MEMBER_ID
    return encodeResponseFrame(OffsetCommit, version, correlationId, body)
  },
}

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
    body.heartbeatIntervalMs = Math.min(body.heartbeatIntervalMs, HEARTBEAT_MS_MAX)
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
