import type { Cluster } from '../../client/cluster.ts'
import { consumeInGroup } from '../records/consume-in-group.ts'

export type ShopReader = { close(): Promise<void> }

/** Reads the orders as a member of a consumer group, like the department that ships them. */
export function startReader(cluster: Cluster, group: string, end: AbortSignal): ShopReader {
  const closing = new AbortController()
  const signal = AbortSignal.any([closing.signal, end])
  const reading = {
    topic: 'orders',
    group,
    fallback: 'beginning',
    isolation: 'read_committed',
    untilEnd: false,
  } as const
  const work = consumeInGroup(cluster, reading, signal, async () => true)
  // Whoever closes it hears of what went wrong; until then it must not end the process.
  work.catch(() => undefined)
  return {
    close: async () => {
      closing.abort()
      await work
    },
  }
}
