import { KmcError, messageOf } from '../../base/error.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { ManagedCluster } from '../../engine/kafka/cluster.ts'
import { fleetErrors } from '../errors.ts'
import type { ManagedClusterDeclaration } from '../file/fleet.ts'
import type { BrokerStatus, ClusterState, ClusterStatus, Trouble } from './fleet-status.ts'

/** The part of the engine's cluster that a runner uses; a test gives its own. */
export type EngineCluster = Pick<
  ManagedCluster,
  'state' | 'nodes' | 'start' | 'stop' | 'load' | 'clientAccess' | 'clusterId'
>

/** One managed cluster of a running fleet: what the operator wants of it, and what became of that. */
export class ClusterRunner {
  readonly declaration: ManagedClusterDeclaration
  readonly #engine: EngineCluster
  #trouble: Trouble | null = null
  #prepared = false
  #wanted = false

  constructor(declaration: ManagedClusterDeclaration, engine: EngineCluster) {
    this.declaration = declaration
    this.#engine = engine
  }

  /** True while it works, is on its way there, or rests because the operator stopped it: nothing is to be done. */
  get isSettled(): boolean {
    return !this.#wanted || this.#engine.state.name !== 'failed'
  }

  /** @throws what the engine throws; it is kept as the cluster's fault as well. */
  async start(): Promise<void> {
    this.#wanted = true
    this.#trouble = null
    try {
      await this.#engine.start()
      this.#prepared = true
    } catch (error) {
      this.#trouble = troubleOf(error)
      throw error
    }
  }

  async stop(): Promise<void> {
    this.#wanted = false
    this.#trouble = null
    await this.#engine.stop()
  }

  /** How it is reached. @throws CLUSTER_NOT_PREPARED when it was never started */
  async access(): Promise<ClusterConfig> {
    if (!this.#prepared) this.#prepared = await this.#engine.load()
    const { clientAccess, clusterId } = this.#engine
    return { name: this.declaration.name, ...clientAccess, expectedClusterId: clusterId }
  }

  status(): ClusterStatus {
    const { name, region } = this.declaration
    return {
      name,
      kind: 'managed',
      region,
      bootstrap: this.#prepared ? this.#engine.clientAccess.bootstrap : [],
      state: this.#state(),
      clusterId: this.#prepared ? this.#engine.clusterId : null,
      brokers: this.#engine.nodes.map(brokerStatus),
      fault: this.#fault(),
    }
  }

  #state(): ClusterState {
    const { name } = this.#engine.state
    if (name !== 'running' && name !== 'degraded') return name
    // A cluster none of whose brokers works is on its way back, whatever its quorum says later.
    return this.#engine.nodes.some(({ state }) => state === 'running') ? 'ready' : 'starting'
  }

  /** Brokers that are away are a fault of the cluster also while the others serve it. */
  #fault(): Trouble | null {
    if (this.#trouble !== null) return this.#trouble
    const { name, reason } = this.#engine.state
    if (name !== 'degraded' && name !== 'failed') return null
    const { title, remedy } = fleetErrors.BROKER_AWAY
    return { code: 'BROKER_AWAY', message: reason ?? title, remedy }
  }
}

function brokerStatus({ id, address, state, pid, restarts }: ManagedCluster['nodes'][number]): BrokerStatus {
  return { id, state, pid, port: Number(address.slice(address.lastIndexOf(':') + 1)), restarts }
}

/** An error as a fault. */
export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof KmcError)) return { code: 'INTERNAL', message: messageOf(error), remedy: null }
  return { code: error.code, message: error.message, remedy: error.remedy ?? null }
}
