import { dirname } from 'node:path'
import type { KmcError } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { GatewayStatus } from '../../failover/keeper/status.ts'
import type { GatewaySpec } from '../../failover/process/spawn.ts'
import type { LinkSpec } from '../../link/spec.ts'
import type { LinkStatus } from '../../link/status.ts'
import { fleetError } from '../errors.ts'
import { linkPasswords, linkSpec } from '../file/access.ts'
import type { AppliedFleet } from '../file/applied.ts'
import type { LinkDeclaration, ManagedClusterDeclaration, RouteDeclaration } from '../file/fleet.ts'
import { gatewaySpec, routeSecrets } from '../file/route-access.ts'
import { ClusterRunner, type EngineCluster } from './cluster-runner.ts'
import type { ExternalClusters } from './external-clusters.ts'
import type { FleetStatus, LinkOverview, SupervisorPhase } from './fleet-status.ts'
import { linkOverview } from './link-overview.ts'
import {
  type LinkStart,
  linkStart,
  type Reconciliation,
  type RouteStart,
  reconciliation,
  routeStart,
} from './reconcile.ts'
import { FENCED_EXIT_CODE } from './restart-policy.ts'
import { routeOverview } from './route-overview.ts'
import { type WorkerExit, type WorkerProcess, WorkerRunner } from './worker-runner.ts'

export type SupervisorOptions = {
  readonly fleet: string
  readonly file: string
  readonly log: Log
  readonly makeCluster: (declaration: ManagedClusterDeclaration) => EngineCluster
  readonly spawnLink: (spec: LinkSpec) => WorkerProcess<LinkStatus>
  readonly spawnGateway: (spec: GatewaySpec) => WorkerProcess<GatewayStatus>
  /** By which the gateways of this process are known; one started in its place has the same. */
  readonly gatewayId: string
  readonly externals: ExternalClusters
  /** Whether managed clusters are run as well, and not links alone. Default true. */
  readonly runsClusters?: boolean
}

/** What could not be started. Everything else was: one cluster's trouble stays its own. */
export type ReconcileResult = { readonly failed: readonly { cluster: string; error: unknown }[] }

type LinkRunner = WorkerRunner<LinkSpec, LinkStatus>
type RunningLink = { readonly start: LinkStart; readonly runner: LinkRunner }
type RunningRoute = { readonly start: RouteStart; readonly runner: WorkerRunner<GatewaySpec, GatewayStatus> }

/**
 * Runs what was applied: managed clusters through the engine, one worker a link, one gateway a route, and knows how
 * all of it is.
 * `reconcile` moves it from what runs to what is to run; calls come one after the other.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #startedAt = Date.now()
  readonly #clusters = new Map<string, ClusterRunner>()
  readonly #links = new Map<string, RunningLink>()
  readonly #routes = new Map<string, RunningRoute>()
  #applied: AppliedFleet | null = null
  #phase: SupervisorPhase = 'starting'
  #work: Promise<unknown> = Promise.resolve()

  constructor(options: SupervisorOptions) {
    this.#options = options
  }

  /** Called once, when everything that is to run at first has been started. */
  started(): void {
    if (this.#phase === 'starting') this.#phase = 'running'
  }

  /** Makes what runs equal to `applied`. Clusters are started side by side; links of failed ones are started too. */
  reconcile(applied: AppliedFleet): Promise<ReconcileResult> {
    return this.#inTurn(async () => {
      const clusters = [...this.#clusters].filter(([, runner]) => runner.isSettled)
      const plan = reconciliation(
        {
          clusters: new Map(clusters.map(([name, { declaration }]) => [name, declaration])),
          links: new Map([...this.#links].map(([name, { start }]) => [name, start])),
          routes: new Map([...this.#routes].map(([name, { start }]) => [name, start])),
        },
        applied,
      )
      this.#applied = applied
      this.#options.externals.follow(applied)
      return await this.#perform(this.#options.runsClusters === false ? linksOf(plan) : plan, applied)
    })
  }

  /** @throws CLUSTER_NOT_MANAGED, FLEET_STOPPING, and what the engine throws */
  async cluster(name: string, action: 'start' | 'stop' | 'restart'): Promise<void> {
    const runner = this.#clusters.get(name)
    if (runner === undefined) {
      const message = `cluster ${name} is not one that this fleet runs`
      throw fleetError('CLUSTER_NOT_MANAGED', message, { context: { cluster: name } })
    }
    await this.#inTurn(async () => {
      this.#options.log.info({ cluster: name, action }, 'asked for by an operator')
      if (action !== 'start') await runner.stop()
      if (action !== 'stop') await runner.start()
    })
  }

  status(): FleetStatus {
    const now = Date.now()
    const managed = [...this.#clusters.values()].map((runner) => runner.status())
    const order = Object.keys(this.#applied?.clusters ?? {})
    const clusters = [...managed, ...this.#options.externals.status()]
    return {
      fleet: this.#options.fleet,
      file: this.#options.file,
      at: now,
      supervisor: { pid: process.pid, startedAt: this.#startedAt, phase: this.#phase },
      clusters: clusters.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
      links: [...this.#links.values()].map((link) => overviewOf(link, now)),
      routes: [...this.#routes.values()].map(({ start, runner }) => routeOverview(start.declaration, runner)),
    }
  }

  /** The runner of a link, for those who test it or show what happens when its worker is killed. */
  link(name: string): LinkRunner | null {
    return this.#links.get(name)?.runner ?? null
  }

  /** Ends everything: links first, so that each can finish what is on its way, then all clusters at once. */
  async stop(): Promise<void> {
    this.#phase = 'stopping'
    await this.#stopWorkers()
    await Promise.all([...this.#clusters.values()].map((runner) => runner.stop()))
    await this.#options.externals.close()
    // What was being started when the end came has been told to stop, and is waited for.
    await this.#work
    await this.#stopWorkers()
  }

  async #stopWorkers(): Promise<void> {
    const runners = [...this.#routes.values(), ...this.#links.values()]
    await Promise.all(runners.map(({ runner }) => runner.stop()))
  }

  async #perform(plan: Reconciliation, applied: AppliedFleet): Promise<ReconcileResult> {
    await Promise.all([
      ...plan.stopRoutes.map((name) => stopIn(this.#routes, name)),
      ...plan.stopLinks.map((name) => stopIn(this.#links, name)),
    ])
    const leaving = [...plan.stopClusters, ...plan.restartClusters.map(({ name }) => name)]
    await Promise.all(leaving.map((name) => this.#clusters.get(name)?.stop()))
    for (const name of plan.stopClusters) this.#clusters.delete(name)
    const starting = [...plan.restartClusters, ...plan.startClusters]
    const results = await Promise.all(starting.map((declaration) => this.#startCluster(declaration)))
    for (const link of plan.startLinks) this.#startLink(link, applied)
    for (const route of plan.startRoutes) this.#startRoute(route, applied)
    return { failed: results.flatMap((result) => (result === null ? [] : [result])) }
  }

  async #startCluster(
    declaration: ManagedClusterDeclaration,
  ): Promise<{ cluster: string; error: unknown } | null> {
    if (this.#phase === 'stopping') return null
    const { name } = declaration
    const runner = new ClusterRunner(declaration, this.#options.makeCluster(declaration))
    this.#clusters.set(name, runner)
    try {
      await runner.start()
      this.#options.log.info({ cluster: name, ...runner.status() }, 'cluster started')
      return null
    } catch (error) {
      this.#options.log.error({ cluster: name, err: error }, 'cluster not started')
      return { cluster: name, error }
    }
  }

  #startLink(link: LinkDeclaration, applied: AppliedFleet): void {
    if (this.#phase === 'stopping') return
    const { spawnLink: spawn, log } = this.#options
    const spec = () => this.#specOf(link)
    const runner: LinkRunner = new WorkerRunner(link.name, {
      kind: 'link',
      spec,
      spawn,
      log,
      lastWords: fencedBy,
    })
    this.#links.set(link.name, { start: linkStart(link, applied), runner })
    runner.start()
  }

  #startRoute(route: RouteDeclaration, applied: AppliedFleet): void {
    if (this.#phase === 'stopping') return
    const { spawnGateway: spawn, log } = this.#options
    const runner = new WorkerRunner(route.name, {
      kind: 'route',
      spec: () => this.#gatewayOf(route),
      spawn,
      log,
    })
    this.#routes.set(route.name, { start: routeStart(route, applied), runner })
    runner.start()
  }

  async #gatewayOf(route: RouteDeclaration): Promise<GatewaySpec> {
    const { gatewayId, file } = this.#options
    const [primary, standby] = await Promise.all([this.#access(route.primary), this.#access(route.standby)])
    const secrets = await routeSecrets(route, { directory: dirname(file), env: process.env })
    return gatewaySpec(route, gatewayId, { primary, standby }, secrets)
  }

  async #specOf(link: LinkDeclaration): Promise<LinkSpec> {
    const [source, destination] = await Promise.all([this.#access(link.from), this.#access(link.to)])
    const passwords = await linkPasswords(link, { directory: dirname(this.#options.file), env: process.env })
    return { ...linkSpec(link, source, destination), passwords }
  }

  #access(name: string): Promise<ClusterConfig> {
    return this.#clusters.get(name)?.access() ?? this.#options.externals.access(name)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#work.then(() => {
      if (this.#phase === 'stopping') throw stopping()
      return work()
    })
    // The next one waits for this one's end, however it ends.
    this.#work = mine.catch(() => undefined)
    return mine
  }
}

async function stopIn(
  running: Map<string, { readonly runner: { stop(): Promise<void> } }>,
  name: string,
): Promise<void> {
  await running.get(name)?.runner.stop()
  running.delete(name)
}

/** A fenced worker says who has the link in the fault of its last status. */
function fencedBy({ code }: WorkerExit, status: LinkStatus | null): string | null {
  return code === FENCED_EXIT_CODE && status?.fault?.code === 'FENCED' ? status.fault.message : null
}

/** What a plan says of links and routes alone. */
function linksOf(plan: Reconciliation): Reconciliation {
  return { ...plan, stopClusters: [], restartClusters: [], startClusters: [] }
}

function overviewOf({ start, runner }: RunningLink, nowMs: number): LinkOverview {
  const { name, from, to } = start.declaration
  const { status, isCurrent, worker, trouble } = runner
  return linkOverview({ name, from, to, status, isCurrent, worker, trouble }, nowMs)
}

function stopping(): KmcError {
  return fleetError('FLEET_STOPPING', 'the supervisor is ending and takes no more work')
}
