import type { Log } from '../base/log.ts'
import { Cluster } from '../client/cluster.ts'
import type { ClusterConfig } from '../client/config.ts'
import { ClusterDoor } from '../observe/cluster-door.ts'

export type DoorsOptions = {
  /** Names and ids of the clusters now; an id is null until the cluster was seen. */
  readonly clusters: () => readonly { readonly name: string; readonly clusterId: string | null }[]
  readonly access: (name: string) => Promise<ClusterConfig>
  readonly log?: Log
}

const CONNECT_TIMEOUT_MS = 5_000

/** A door to each cluster of the fleet, opened when somebody first asks for it. */
export class ClusterDoors implements AsyncDisposable {
  readonly #options: DoorsOptions
  readonly #doors = new Map<string, ClusterDoor>()

  constructor(options: DoorsOptions) {
    this.#options = options
  }

  /** The fleet's name of a cluster that a caller names by that or by Kafka's id; null when there is none. */
  nameOf(nameOrId: string): string | null {
    const clusters = this.#options.clusters()
    const found =
      clusters.find(({ name }) => name === nameOrId) ??
      clusters.find(({ clusterId }) => clusterId === nameOrId)
    return found?.name ?? null
  }

  /** The door to a cluster by the fleet's name of it. */
  to(name: string): ClusterDoor {
    let door = this.#doors.get(name)
    if (door === undefined) {
      const { access, log } = this.#options
      door = new ClusterDoor({ name, access: () => access(name), ...(log === undefined ? {} : { log }) })
      this.#doors.set(name, door)
    }
    return door
  }

  /**
   * A connection of one's own, for work whose requests wait at the brokers for long and would hold up others.
   * @throws as `Cluster.connect`
   */
  async connect(name: string, signal: AbortSignal): Promise<Cluster> {
    const { access, log } = this.#options
    const limits = { timeoutMs: CONNECT_TIMEOUT_MS, signal }
    return await Cluster.connect(await access(name), { ...limits, ...(log === undefined ? {} : { log }) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#doors.values()].map((door) => door[Symbol.asyncDispose]()))
    this.#doors.clear()
  }
}
