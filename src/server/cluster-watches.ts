import type { Log } from '../base/log.ts'
import { ClusterWatch } from '../observe/watch/cluster-watch.ts'
import type { ClusterView } from '../observe/watch/view.ts'
import type { ClusterDoors } from './cluster-doors.ts'

export type WatchesOptions = {
  /** Names of the fleet's clusters now. */
  readonly clusters: () => readonly string[]
  readonly doors: ClusterDoors
  readonly log: Log
}

const LOOK_EVERY_MS = 2_000

/** A watch on each cluster of the fleet, from when it joins until it leaves. */
export class ClusterWatches implements AsyncDisposable {
  readonly #options: WatchesOptions
  readonly #watches = new Map<string, ClusterWatch>()
  readonly #timer: NodeJS.Timeout

  constructor(options: WatchesOptions) {
    this.#options = options
    this.#follow()
    this.#timer = setInterval(() => this.#follow(), LOOK_EVERY_MS)
  }

  /** What is known of a cluster; null for one that has only just joined. */
  view(name: string): ClusterView | null {
    return this.#watches.get(name)?.view() ?? null
  }

  all(): ClusterView[] {
    return [...this.#watches.values()].map((watch) => watch.view())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([...this.#watches.keys()].map((name) => this.#leave(name)))
  }

  #follow(): void {
    const { clusters, doors, log } = this.#options
    const names = new Set(clusters())
    for (const name of names) {
      if (!this.#watches.has(name)) this.#watches.set(name, ClusterWatch.start(doors.to(name), { log }))
    }
    for (const name of this.#watches.keys()) if (!names.has(name)) void this.#leave(name)
  }

  async #leave(name: string): Promise<void> {
    const watch = this.#watches.get(name)
    this.#watches.delete(name)
    await watch?.[Symbol.asyncDispose]()
  }
}
