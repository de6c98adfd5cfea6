import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
import { BASE_PORT, type Clusters, NEWEST, startClusters } from '../harness/clusters.ts'
import { kmc, kmcJson, nothingRuns, type RunningKmc, signalled, startKmc } from '../harness/kmc.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { TOPIC } from './clients.ts'
import type { Blow } from './round.ts'

/** One of the gateway in `kmc up`, one of a `kmc gateway` beside it. */
const PORTS = [BASE_PORT + 100, BASE_PORT + 110] as const
const GROWN_MS = 11_000
const SOON = { withinMs: PATIENCE_MS, everyMs: 100 }

/** Two clusters that kmc does not manage, so that a dead one stays dead, and a link and a route with two gateways. */
export class FailoverWorld {
  readonly clusters: Clusters<'seoul' | 'virginia'>
  readonly directory = temporaryDirectory('failover')
  /** The route at each of its gateways. */
  readonly gateways = PORTS.map((port) => ({ name: 'shop', bootstrap: [`127.0.0.1:${port}`] }))
  readonly #stopClusters: () => Promise<void>
  readonly #up: RunningKmc
  #gateway: RunningKmc
  #isGatewayDead = false
  #servesSince = 0

  private constructor(clusters: FailoverWorld['clusters'], stop: () => Promise<void>) {
    this.clusters = clusters
    this.#stopClusters = stop
    const cluster = (name: 'seoul' | 'virginia') =>
      `  ${name}: { bootstrap: ${JSON.stringify(clusters[name].access.bootstrap)} }`
    const file = [
      'clusters:',
      cluster('seoul'),
      cluster('virginia'),
      'links: { dr: { from: seoul, to: virginia, producerIdsFrom: 1000 } }',
      `routes: { shop: { port: ${PORTS[0]}, primary: seoul, standby: virginia, slots: 1 } }`,
      'metrics: { port: 0 }',
    ]
    writeFileSync(join(this.directory, 'fleet.yaml'), `${file.join('\n')}\n`)
    this.#up = startKmc(this.directory, 'up')
    this.#gateway = this.#startGateway()
  }

  static async start(): Promise<FailoverWorld> {
    const dead = { kafka: NEWEST, crashesMax: 0 } as const
    const { clusters, stop } = await startClusters({ seoul: dead, virginia: dead })
    return new FailoverWorld(clusters, stop)
  }

  /** Waits until the route serves and a failover would not be refused. */
  async awaitReady(): Promise<void> {
    const lastSeen = () => [this.#up, this.#gateway].map((kmc) => kmc.printed().slice(-1_000))
    const serve = async () => {
      const { gateways } = await kmcJson<RouteOverview>(this.directory, 'route', 'describe', 'shop')
      return gateways.filter(({ mayWrite }) => mayWrite).length === PORTS.length
    }
    await waitUntil('both gateways serve', serve, { ...SOON, lastSeen })
    this.#servesSince = Date.now()
  }

  /** Waits until a failover would not be refused, once the topic is there. */
  async awaitMirrored(): Promise<void> {
    const isCopied = async () =>
      (await this.#link())?.mirrors.some(({ topic, state }) => topic === TOPIC && state === 'active')
    await waitUntil('the topic is mirrored', isCopied, SOON)
    const plan = () => kmc(this.directory, 'failover', 'shop', '--dry-run')
    let said = ''
    const isFree = async () => {
      const { code, stdout, stderr } = await plan()
      said = stdout + stderr
      return code === 0
    }
    await waitUntil('a switch is possible', isFree, { ...SOON, lastSeen: () => said.slice(-1_500) })
  }

  /** A gateway that began only now cannot vouch for what another one saw: the receipt would say "at least". */
  async awaitGrown(): Promise<void> {
    await sleep(Math.max(0, this.#servesSince + GROWN_MS - Date.now()))
  }

  async status(): Promise<FleetStatus | null> {
    const { code, stdout } = await kmc(this.directory, 'status', '-o', 'json')
    return code === 0 ? (JSON.parse(stdout) as FleetStatus) : null
  }

  async #link() {
    return (await this.status())?.links[0]
  }

  async linkWorkerPid(): Promise<number> {
    return await waitUntil('a worker of the link', async () => (await this.#link())?.worker?.pid, SOON)
  }

  /** All brokers of the primary at once. */
  async strike(blow: Blow): Promise<void> {
    const gateway = blow === 'with a gateway' ? await this.#secondGateway() : null
    if (blow === 'hangs') this.#signalPrimary('SIGSTOP')
    else if (blow !== 'forced') this.#signalPrimary('SIGKILL')
    if (gateway === null) return
    this.#gateway.kill('SIGKILL')
    signalled(gateway, 'SIGKILL')
    this.#isGatewayDead = true
  }

  /** Where it stood still. */
  wakePrimary(): void {
    this.#signalPrimary('SIGCONT')
  }

  /** Where it was killed. */
  bringGatewayBack(): void {
    if (this.#isGatewayDead) this.#gateway = this.#startGateway()
    this.#isGatewayDead = false
  }

  #signalPrimary(signal: NodeJS.Signals): void {
    const { seoul } = this.clusters
    const pids = seoul.brokers.map((broker) => seoul.pidOf(broker))
    for (const pid of pids) if (pid !== null) signalled(pid, signal)
  }

  /** The process of the gateway that no `kmc up` runs. */
  async #secondGateway(): Promise<number> {
    const { gateway, gateways } = await kmcJson<RouteOverview>(this.directory, 'route', 'describe', 'shop')
    return gateways.find(({ pid }) => pid !== gateway?.pid)!.pid
  }

  #startGateway(): RunningKmc {
    const words = ['--port', String(PORTS[1]), '--metrics-port', '0']
    return startKmc(this.directory, 'gateway', 'shop', ...words)
  }

  /** Brings the old primary back, turns the link, and gives what it says of the topic. */
  async bringBack(): Promise<{ readonly code: string | null; readonly message: string }> {
    await this.clusters.seoul.awaitWhole()
    let said = ''
    const turned = async () => {
      const { code, stdout, stderr } = await kmc(this.directory, 'link', 'reverse', 'dr', '--yes')
      said = stdout + stderr
      return code === 0
    }
    await waitUntil('the link is turned', turned, { ...SOON, lastSeen: () => said.slice(-1_500) })
    const look = async () => {
      const mirror = (await this.#link())?.mirrors.find(({ topic }) => topic === TOPIC)
      const faults = mirror?.partitions.flatMap(({ fault }) => fault ?? []) ?? []
      const found = mirror?.fault ?? faults[0]
      if (found !== undefined && found !== null) {
        return {
          code: found.code as string,
          message: [found, ...faults].map(({ message }) => message).join('\n'),
        }
      }
      return mirror?.state === 'active' ? { code: null, message: '' } : null
    }
    return await waitUntil('the turned link says how it is', look, SOON)
  }

  async receipt<T>(id: string): Promise<T> {
    return await kmcJson<T>(this.directory, 'receipts', id)
  }

  async stop(): Promise<void> {
    this.#gateway.kill('SIGTERM')
    await kmc(this.directory, 'down')
    await nothingRuns(this.directory)
    await this.#stopClusters()
  }
}
