import type { Cluster } from '../../client/cluster.ts'
import { FenceLog, type FenceRecord } from '../../link/state/fences.ts'
import { ensureStateTopic } from '../../link/state/topic.ts'
import { distinctAcls } from '../../link/travel/acls/rules.ts'

/** Where the fences of one route are noted: one record a cluster, on both its clusters. */
export type FenceBook = {
  /** What any of its places has; of several the latest epoch, with the entries of all: none is ever forgotten. */
  read(cluster: string): Promise<FenceRecord | null>
  write(cluster: string, record: FenceRecord | null): Promise<void>
}

/** The notes of a route's fences on those of its clusters that can be reached. */
export async function openFenceBook(route: string, clusters: readonly Cluster[]): Promise<FenceBook> {
  await Promise.all(clusters.map(ensureStateTopic))
  const logs = clusters.map((cluster) => new FenceLog(cluster))
  return {
    async read(cluster) {
      await Promise.all(logs.map((log) => log.refresh()))
      return newestFence(logs.flatMap((log) => log.fence(route, cluster) ?? []))
    },
    async write(cluster, record) {
      await Promise.all(logs.map((log) => log.append({ route, cluster, record })))
    },
  }
}

/** Of several records of one fence: what was decided last, with every entry that any of them notes. */
export function newestFence(records: readonly FenceRecord[]): FenceRecord | null {
  const [newest] = records.toSorted((a, b) => b.epoch - a.epoch || b.at - a.at)
  if (newest === undefined) return null
  return { ...newest, acls: distinctAcls(records.flatMap(({ acls }) => acls)) }
}
