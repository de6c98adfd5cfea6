import { mkdirSync } from 'node:fs'
import type { Log } from '../base/log.ts'
import { FileLock } from '../engine/lock.ts'
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
import { spawnLinkWorker } from '../link/worker/spawn.ts'
import { serverError } from './errors.ts'
import { type FleetHost, openSeat, type Seat } from './host.ts'

export type ServeOptions = {
  readonly fleet: LoadedFleet
  /** Names of links; all of the file where it is empty. */
  readonly links: readonly string[]
  readonly version: string
  readonly metricsPort?: number | undefined
  /** Makes the log of this seat. */
  readonly log: (file: string) => Log
}

export type ServeHost = FleetHost & { readonly log: Log; readonly seat: number }

/** `kmc serve` processes that may run from one folder at a time. */
const SEATS_MAX = 64

/**
 * Runs links of a fleet without its clusters. Any number of processes may do so, from this folder or elsewhere: their
 * workers share each link. Nothing is written to the folder but what belongs to the process.
 * @throws LINK_UNKNOWN, SERVE_SEATS_TAKEN
 */
export async function openServe(options: ServeOptions): Promise<ServeHost> {
  const { fleet, links, log: makeLog, version, metricsPort } = options
  const paths = runPaths(fleet.directory)
  mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  const first = await servedFleet(fleet, links)
  const { number, seat, files } = takeSeat(fleet)
  const log = makeLog(files.log)
  // The first free seat has the names of whoever sat there before: a process that was killed is replaced at once.
  const instance = `${folderIdentity(paths.identity)}.serve-${number}`
  const host = await openSeat(seat, { fleet, log, version, metricsPort }, (stop) => {
    const supervisor = new Supervisor({
      fleet: fleet.fleet.name,
      file: fleet.file,
      log,
      makeCluster: (declaration) => managedCluster(declaration, fleet.directory, { log }),
      spawnLink: (spec) => spawnLinkWorker(spec, { logFile: files.linkLog(spec.name), instance }),
      externals: new ExternalClusters(fleet.directory, askClusterId, { all: true }),
      runsClusters: false,
    })
    const reconcile = async () => {
      await supervisor.reconcile(await servedFleet(await openFleet(fleet.file), links))
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

/** The links to serve and all clusters, as if they had been applied. @throws LINK_UNKNOWN */
async function servedFleet(
  { fleet, directory }: LoadedFleet,
  names: readonly string[],
): Promise<AppliedFleet> {
  const unknown = names.find((name) => !Object.hasOwn(fleet.links, name))
  if (unknown !== undefined) {
    const context = { names: Object.keys(fleet.links) }
    throw linkError('LINK_UNKNOWN', `the fleet has no link "${unknown}"`, { context })
  }
  const seen = (await readApplied(directory))?.clusters ?? {}
  const clusters = Object.entries(fleet.clusters).map(([name, declaration]) => {
    return [name, { declaration, clusterId: seen[name]?.clusterId ?? null }] as const
  })
  const links = Object.entries(fleet.links).filter(([name]) => names.length === 0 || names.includes(name))
  return {
    format: 1,
    fleet: fleet.name,
    appliedAt: 0,
    clusters: Object.fromEntries(clusters),
    links: Object.fromEntries(links),
  }
}
