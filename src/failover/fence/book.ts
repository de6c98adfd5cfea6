import type { Cluster } from '../../client/cluster.ts'
import { StateLog } from '../../link/state/log.ts'
import { ensureStateTopic } from '../../link/state/topic.ts'
import { distinctAcls } from '../../link/travel/acls/rules.ts'
import { decodeFence, encodeFence, type FenceChange, type FenceRecord } from './record.ts'

/** Where the fence of one route is noted. */
export type FenceBook = {
  /** What any of its places has; of several the latest epoch, with the entries of all: none is ever forgotten. */
  read(): Promise<FenceRecord | null>
  write(record: FenceRecord | null): Promise<void>
}

/** Fences in `__kmc_state` of one cluster. */
class FenceLog extends StateLog<FenceChange> {
  readonly records: Map<string, FenceRecord>

  constructor(cluster: Cluster) {
    const records = new Map<string, FenceRecord>()
    const apply = ({ name, record }: FenceChange) => {
      if (record === null) records.delete(name)
      else records.set(name, record)
    }
    super(cluster, { encode: encodeFence, decode: decodeFence, apply })
    this.records = records
  }
}

/** The notes of a route's fence on those of its clusters that can be reached. */
export async function openFenceBook(route: string, clusters: readonly Cluster[]): Promise<FenceBook> {
  await Promise.all(clusters.map(ensureStateTopic))
  const logs = clusters.map((cluster) => new FenceLog(cluster))
  return {
    async read() {
      await Promise.all(logs.map((log) => log.refresh()))
      return newestFence(logs.flatMap((log) => log.records.get(route) ?? []))
    },
    async write(record) {
      await Promise.all(logs.map((log) => log.append({ kind: 'fence', name: route, record })))
    },
  }
}

/** Of several records of one fence: what was decided last, with every entry that any of them notes for that cluster. */
export function newestFence(records: readonly FenceRecord[]): FenceRecord | null {
  const [newest] = records.toSorted((a, b) => b.epoch - a.epoch || b.at - a.at)
  if (newest === undefined) return null
  const own = records.filter(({ cluster }) => cluster === newest.cluster)
  return { ...newest, acls: distinctAcls(own.flatMap(({ acls }) => acls)) }
}
