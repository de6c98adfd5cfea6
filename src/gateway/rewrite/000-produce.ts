import { Produce, type ProduceResponse } from '../../wire/apis/000-produce.ts'
import { rewriting } from './rewrite.ts'
import type { View } from './view.ts'

/** Leaders that a Produce answer names (KIP-951) become nodes of the route, without their epochs. */
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

export const produce = rewriting(Produce, { answer: hideLeaders })
