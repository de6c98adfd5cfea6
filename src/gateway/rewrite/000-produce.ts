import { decodeResponseFrame, encodeResponseFrame } from '../../wire/api.ts'
import { Produce, type ProduceResponse } from '../../wire/apis/000-produce.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Rewriting } from './rewrite.ts'
import type { View } from './view.ts'

/** First version in which a broker that does not lead names the one that does (KIP-951). */
const LEADERS_FROM = 10
const SIZE_BYTES = 4

/** Answers without an error, nearly all, pass as they are. */
export const produce: Rewriting = {
  request: null,
  answer(frame, version, view) {
    if (version < LEADERS_FROM && !view.isMoved) return [frame]
    const { correlationId, body } = decodeResponseFrame(Produce, version, frame.subarray(SIZE_BYTES))
    if (!hasErrors(body)) return [frame]
    hideLeaders(body, view)
    if (view.isMoved) forgetSequences(body)
    return encodeResponseFrame(Produce, version, correlationId, body)
  },
}

function hasErrors({ responses }: ProduceResponse): boolean {
  return responses.some(({ partitionResponses }) =>
    partitionResponses.some(({ errorCode }) => errorCode !== 0),
  )
}

/** Leaders become nodes of the route, without their epochs. */
function hideLeaders({ responses, nodeEndpoints }: ProduceResponse, view: View): void {
  for (const { partitionResponses } of responses) {
    for (const { currentLeader } of partitionResponses) {
      currentLeader.leaderId = view.node(currentLeader.leaderId)
      currentLeader.leaderEpoch = -1
    }
  }
  for (const endpoint of nodeEndpoints) {
    const { host, port } = view.address(endpoint.nodeId)
    Object.assign(endpoint, { nodeId: view.node(endpoint.nodeId), host, port })
  }
}

/**
 * A cluster that served a producer before still has its old sequence. What it says of that is fatal to librdkafka;
 * UNKNOWN_PRODUCER_ID makes every client begin a new epoch and send the same again.
 */
function forgetSequences({ responses }: ProduceResponse): void {
  for (const { partitionResponses } of responses) {
    for (const partition of partitionResponses) {
      if (partition.errorCode === ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
        partition.errorCode = ErrorCode.UNKNOWN_PRODUCER_ID
    }
  }
}
