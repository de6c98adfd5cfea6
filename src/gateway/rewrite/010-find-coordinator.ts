import { FindCoordinator } from '../../wire/apis/010-find-coordinator.ts'
import { rewriting } from './rewrite.ts'
import type { View } from './view.ts'

type Coordinator = { nodeId: number; host: string; port: number; errorCode: number }

/** Up to version 3 the answer is one coordinator, from 4 on a list. An error carries no address. */
export const findCoordinator = rewriting(FindCoordinator, {
  answer(body, view, version) {
    for (const coordinator of version < 4 ? [body] : body.coordinators) toSlot(coordinator, view)
  },
})

function toSlot(coordinator: Coordinator, view: View): void {
  if (coordinator.errorCode !== 0) return
  const { host, port } = view.address(coordinator.nodeId)
  Object.assign(coordinator, { nodeId: view.node(coordinator.nodeId), host, port })
}
