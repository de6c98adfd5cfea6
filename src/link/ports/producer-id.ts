import type { Cluster } from '../../client/cluster.ts'
import { InitProducerId } from '../../wire/apis/022-init-producer-id.ts'
import { errorOf } from '../../wire/error-codes.ts'
import { linkError } from '../errors.ts'

const TRIES_MAX = 40
const PAUSE_MS = 250

/** A producer id of its own on a cluster. A broker that has just started answers COORDINATOR_LOAD_IN_PROGRESS first. */
export async function initProducerId(
  cluster: Cluster,
): Promise<{ producerId: number; producerEpoch: number }> {
  for (let attempt = 1; ; attempt++) {
    const body = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 }
    const answer = await cluster.request(InitProducerId, body, { node: 'any' })
    if (answer.errorCode === 0) return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    const { name, retriable } = errorOf(answer.errorCode)
    if (!retriable || attempt === TRIES_MAX) {
      const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED'
      throw linkError(code, `a producer id on ${cluster.name}: ${name}`, {
        retriable,
        context: { error: name },
      })
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}
