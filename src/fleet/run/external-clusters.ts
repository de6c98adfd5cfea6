import { systemClock } from '../../base/clock.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { fleetError } from '../errors.ts'
import type { AppliedFleet } from '../file/applied.ts'
import type { ClusterDeclaration } from '../file/fleet.ts'
import { troubleOf } from './cluster-runner.ts'
import type { ClusterStatus } from './fleet-status.ts'
import { clusterConfig } from './resolve-clusters.ts'

/** Asks a cluster for its id. @throws what hinders it */
export type AskClusterId = (config: ClusterConfig, signal: AbortSignal) => Promise<string>

type Known = {
  readonly declaration: ClusterDeclaration
  readonly clusterId: string | null
  seen: Pick<ClusterStatus, 'state' | 'clusterId' | 'fault'>
}

const ASK_EVERY_MS = 10_000

export type ExternalClustersOptions = {
  /** Managed clusters count as well: another process runs them. Default: external ones alone. */
  readonly all?: boolean
}

/** The clusters that run elsewhere: how they are reached, and whether they answer. Each is asked for itself. */
export class ExternalClusters {
  readonly #directory: string
  readonly #ask: AskClusterId
  readonly #all: boolean
  readonly #closing = new AbortController()
  readonly #loops = new Set<Promise<void>>()
  #known = new Map<string, Known>()

  constructor(directory: string, ask: AskClusterId, { all = false }: ExternalClustersOptions = {}) {
    this.#directory = directory
    this.#ask = ask
    this.#all = all
  }

  /** From now on these are the external clusters of the fleet. */
  follow(applied: AppliedFleet): void {
    const before = this.#known
    this.#known = new Map()
    for (const [name, { declaration, clusterId }] of Object.entries(applied.clusters)) {
      if (declaration.kind !== 'external' && !this.#all) continue
      const seen = before.get(name)?.seen ?? { state: 'starting', clusterId: null, fault: null }
      const pinned = declaration.kind === 'external' ? declaration.clusterId : null
      const known = { declaration, clusterId: pinned ?? clusterId, seen }
      this.#known.set(name, known)
      const loop = this.#watch(name, known).finally(() => this.#loops.delete(loop))
      this.#loops.add(loop)
    }
  }

  /** How a cluster is reached, its secrets looked up now. @throws SECRET_UNAVAILABLE, CLUSTER_UNREACHABLE */
  async access(name: string): Promise<ClusterConfig> {
    const known = this.#known.get(name)
    if (known === undefined)
      throw fleetError('CLUSTER_UNREACHABLE', `cluster ${name} is not part of the fleet`)
    const config = await clusterConfig(known.declaration, this.#directory)
    return known.clusterId === null ? config : { ...config, expectedClusterId: known.clusterId }
  }

  status(): ClusterStatus[] {
    return [...this.#known.values()].map(({ declaration, seen }) => ({
      name: declaration.name,
      kind: declaration.kind,
      region: declaration.region,
      bootstrap: declaration.kind === 'external' ? declaration.bootstrap : [],
      brokers: [],
      ...seen,
    }))
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#known = new Map()
    await Promise.all(this.#loops)
  }

  /** Asks again and again for as long as this is what is known of the cluster. */
  async #watch(name: string, known: Known): Promise<void> {
    const { signal } = this.#closing
    while (this.#known.get(name) === known && !signal.aborted) {
      try {
        const clusterId = await this.#ask(await this.access(name), signal)
        known.seen = { state: 'ready', clusterId, fault: null }
      } catch (error) {
        known.seen = { state: 'unreachable', clusterId: known.clusterId, fault: troubleOf(error) }
      }
      await systemClock.sleep(ASK_EVERY_MS, signal)
    }
  }
}
