import type { Cluster } from '../../client/cluster.ts'
import { StateLog } from './log.ts'
import { openLog, readLog } from './open.ts'
import {
  decodeChange,
  encodeChange,
  type LinkRecord,
  type MirrorRecord,
  type StateChange,
} from './records.ts'
import { StateView } from './view.ts'

/** The facts about links in `__kmc_state` on one cluster, read from the log and written to it. */
export class StateStore extends StateLog<StateChange> {
  readonly view: StateView

  constructor(cluster: Cluster) {
    const view = new StateView()
    super(cluster, {
      encode: encodeChange,
      decode: decodeChange,
      apply: (change) => view.apply(change),
      isQuiet: ({ kind }) => kind === 'report',
    })
    this.view = view
  }

  links(): LinkRecord[] {
    return this.view.links()
  }
  mirrors(link: string): MirrorRecord[] {
    return this.view.mirrors(link)
  }
  async putLink(record: LinkRecord): Promise<void> {
    await this.append({ kind: 'link', name: record.name, record })
  }
  /** Nothing is held open beyond the cluster, which is the caller's. */
  async close(): Promise<void> {}
}

/** Opens the state of a cluster, making its topic where there is none. */
export async function openStateStore(cluster: Cluster): Promise<StateStore> {
  return await openLog(cluster, { as: StateStore })
}

/** The state of a cluster as it is; null where kmc has never written any. Writes nothing. */
export async function readState(cluster: Cluster): Promise<StateView | null> {
  return (await readLog(cluster, { as: StateStore }))?.view ?? null
}
