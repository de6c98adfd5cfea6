import type { RouteChange } from '../state/records.ts'
import type { RouteStoreLog } from '../state/store.ts'
import { RouteView } from '../state/view.ts'

/** The state topic of a cluster in memory, as one of its readers sees it. */
export class MemoryLog implements RouteStoreLog {
  readonly cluster: string
  readonly view = new RouteView()
  readonly changes: RouteChange[]
  #position = 0

  constructor(cluster: string, changes: RouteChange[] = []) {
    this.cluster = cluster
    this.changes = changes
  }

  /** Another reader and writer of the same log. */
  twin(): MemoryLog {
    return new MemoryLog(this.cluster, this.changes)
  }

  async append(change: RouteChange): Promise<void> {
    this.changes.push(change)
  }

  async refresh(): Promise<void> {
    while (this.#position < this.changes.length) this.view.apply(this.changes[this.#position++]!)
  }
}

export function memoryLogs(...clusters: string[]): MemoryLog[] {
  return clusters.map((cluster) => new MemoryLog(cluster))
}
