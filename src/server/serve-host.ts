import { mkdirSync } from 'node:fs'
import type { Log } from '../base/log.ts'
import { FileLock } from '../engine/lock.ts'
import { failoverError } from '../failover/errors.ts'
import { spawnGateway } from '../failover/process/spawn.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import { type AppliedFleet, readApplied } from '../fleet/file/applied.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import { ExternalClusters } from '../fleet/run/external-clusters.ts'
import { folderIdentity } from '../fleet/run/identity.ts'
import { managedCluster } from '../fleet/run/managed.ts'
import { askClusterId } from '../fleet/run/probe.ts'
import { runPaths, type ServePaths, servePaths } from '../fleet/run/run-paths.ts'
import { Supervisor } from '../fleet/run/supervisor.ts'
import { linkError } from '../link/errors.ts'
import { LinkPacks } from '../link/worker/packs.ts'
import { serverError } from './errors.ts'
import { type FleetHost, openSeat, type Seat } from './host.ts'

export type ServeOptions = {
  readonly fleet: LoadedFleet
  readonly what: Served
  readonly version: string
  readonly metricsPort?: number | undefined
  readonly consolePort?: number | undefined
  /** Makes the log of this seat. */
  readonly log: (file: string) => Log
}

/** What of the file is served. */
export type Served = {
  /** Names; `all` of the file. */
  readonly links: readonly string[] | 'all'
  readonly routes: readonly string[] | 'all'
  /** For one route: where this gateway listens in place of its `port`. */
  readonly port?: number | undefined
}

export type ServeHost = FleetHost & { readonly log: Log; readonly seat: number }

/** `kmc serve` processes that may run from one folder at a time. */
const SEATS_MAX = 64

/**
 * Runs links and routes of a fleet without its clusters. Any number of processes may do so, from this folder or
 * elsewhere: their workers share each link. Nothing is written to the folder but what belongs to the process.
 * @throws LINK_UNKNOWN, ROUTE_UNKNOWN, SERVE_SEATS_TAKEN
 */
export async function openServe(options: ServeOptions): Promise<ServeHost> {
  const { fleet, what, log: makeLog, version, metricsPort, consolePort } = options
  const paths = runPaths(fleet.directory)
  mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  const first = await servedFleet(fleet, what)
  const { number, seat, files } = takeSeat(fleet)
  const log = makeLog(files.log)
  // The first free seat has the names of whoever sat there before: a process that was killed is replaced at once.
  const instance = `${folderIdentity(paths.identity)}.serve-${number}`
  const how = { version, metricsPort, consolePort, isOneOfMany: true }
  const packs = new LinkPacks()
  const host = await openSeat(seat, { ...how, fleet, log }, (stop) => {
    const supervisor = new Supervisor({
      fleet: fleet.fleet.name,
      file: fleet.file,
      log,
      makeCluster: (declaration) => managedCluster(declaration, fleet.directory, { log }),
      spawnLink: (spec) => packs.spawn(spec, { logFile: files.linkLog(spec.name), instance }),
      spawnGateway: (spec) => spawnGateway(spec, { logFile: files.routeLog(spec.route.name) }),
      gatewayId: instance,
      externals: new ExternalClusters(fleet.directory, askClusterId, { all: true }),
      runsClusters: false,
    })
    const reconcile = async () => {
      await supervisor.reconcile(await servedFleet(await openFleet(fleet.file), what))
    }
    const cluster = (name: string, action: 'start' | 'stop' | 'restart') => supervisor.cluster(name, action)
    return { supervisor, target: { status: () => supervisor.status(), stop, reconcile, cluster } }
  })
  await host.supervisor.reconcile(first)
  host.supervisor.started()
  return { ...host, log, seat: number }
}

function takeSeat(fleet: LoadedFleet): { number: number; seat: Seat; files: ServePaths } {
  const paths = runPaths(fleet.directory)
  for (let number = 1; number <= SEATS_MAX; number++) {
    const files = servePaths(paths, number)
    const lock = FileLock.tryAcquire(files.lock)
    if (lock !== undefined) return { number, seat: { lock, record: files.record }, files }
  }
  const text = `${SEATS_MAX} kmc serve processes run from ${fleet.directory} already`
  throw serverError('SERVE_SEATS_TAKEN', text)
}

/** What is served and all clusters, as if they had been applied. @throws LINK_UNKNOWN, ROUTE_UNKNOWN */
async function servedFleet({ fleet, directory }: LoadedFleet, what: Served): Promise<AppliedFleet> {
  const seen = (await readApplied(directory))?.clusters ?? {}
  const clusters = Object.entries(fleet.clusters).map(([name, declaration]) => {
    return [name, { declaration, clusterId: seen[name]?.clusterId ?? null }] as const
  })
  const routes = Object.entries(chosen(fleet.routes, what.routes, unknownRoute)).map(([name, route]) => {
    return [name, { ...route, port: what.port ?? route.port }] as const
  })
  return {
    format: 1,
    fleet: fleet.name,
    appliedAt: 0,
    clusters: Object.fromEntries(clusters),
    links: chosen(fleet.links, what.links, unknownLink),
    routes: Object.fromEntries(routes),
  }
}

function chosen<T>(
  all: Readonly<Record<string, T>>,
  names: readonly string[] | 'all',
  refuse: (name: string, known: readonly string[]) => Error,
): Record<string, T> {
  if (names === 'all') return { ...all }
  const unknown = names.find((name) => !Object.hasOwn(all, name))
  if (unknown !== undefined) throw refuse(unknown, Object.keys(all))
  return Object.fromEntries(names.map((name) => [name, all[name]!]))
}

function unknownLink(name: string, names: readonly string[]): Error {
  return linkError('LINK_UNKNOWN', `the fleet has no link "${name}"`, { context: { names } })
}

function unknownRoute(name: string, names: readonly string[]): Error {
  return failoverError('ROUTE_UNKNOWN', `the fleet has no route "${name}"`, { context: { names } })
}
