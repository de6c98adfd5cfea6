import type { Cluster } from '../../client/cluster.ts'
import type { Isolation } from '../../client/isolation.ts'
import { type ConsumedRecord, readTopic } from '../../client/records/read-topic.ts'
import type { Window } from './lane.ts'
import type { ReadWindows } from './page.ts'

type Reading = { readonly topic: string; readonly isolation: Isolation; readonly signal: AbortSignal }

/** Reads windows from a cluster. Offsets that compaction or aborted transactions left empty bring nothing. */
export function windowsOf(cluster: Cluster, { topic, isolation, signal }: Reading): ReadWindows {
  return async (windows) => {
    const found = new Map<number, ConsumedRecord[]>()
    const ranges = windows.map(({ partition, from, to }: Window) => {
      return { partition, position: from, start: from, end: to }
    })
    const plan = { topic, ranges, isolation, untilEnd: true, signal }
    for await (const { partition, records } of readTopic(cluster, plan)) {
      const known = found.get(partition) ?? []
      for (const record of records) known.push(record)
      found.set(partition, known)
    }
    signal.throwIfAborted()
    return found
  }
}
