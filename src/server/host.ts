import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Secret } from '../base/secret.ts'
import { FileLock } from '../engine/lock.ts'
import { isRunning, processIdentity } from '../engine/processes/identity.ts'
import type { EngineProgress } from '../engine/report.ts'
import { spawnGateway } from '../failover/process/spawn.ts'
import { fleetError } from '../fleet/errors.ts'
import { readApplied } from '../fleet/file/applied.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import { METRICS_PORT } from '../fleet/file/schema.ts'
import { ExternalClusters } from '../fleet/run/external-clusters.ts'
import { folderIdentity } from '../fleet/run/identity.ts'
import { managedCluster } from '../fleet/run/managed.ts'
import { askClusterId } from '../fleet/run/probe.ts'
import { linkLogFile, type RunPaths, routeLogFile, runPaths } from '../fleet/run/run-paths.ts'
import { Supervisor } from '../fleet/run/supervisor.ts'
import {
  readSupervisorRecord,
  removeSupervisorRecord,
  writeSupervisorRecord,
} from '../fleet/run/supervisor-record.ts'
import { LinkPacks } from '../link/worker/packs.ts'
import { type ControlTarget, startControlServer } from './control-server.ts'
import { type Front, openFront } from './front.ts'
import { type MetricsListener, startMetrics } from './metrics/listener.ts'

/** A supervisor with everything that makes it the one of its fleet: the lock, the endpoint, the record of both. */
export type FleetHost = {
  readonly supervisor: Supervisor
  /** What people and programs see; null where its usual port is taken, or none is wanted. */
  readonly front: Front | null
  /** Aborted when somebody asked over the endpoint for the end. */
  readonly stopAsked: AbortSignal
  /** Ends all that runs, then gives up the endpoint and the lock. May be called at any time, and again. */
  close(): Promise<void>
}

/** What a process that runs links needs to be reached, and watched. */
export type SeatOptions = {
  readonly fleet: LoadedFleet
  readonly log: Log
  readonly version: string
  /** In place of the port for metrics that the fleet file names; 0 for none. */
  readonly metricsPort?: number | undefined
  /** The same for the server that people and programs see. */
  readonly consolePort?: number | undefined
  /** Whether other processes of this fleet may have the ports already. */
  readonly isOneOfMany?: boolean
}

export type HostOptions = Omit<SeatOptions, 'fleet'> & {
  readonly progress: (progress: EngineProgress) => void
}

const TOKEN_BYTES = 32
/** Between a supervisor's lock and its record lie milliseconds. */
const RECORD_WAIT_MS = 2_000

/** Becomes the supervisor of a fleet. Nothing runs yet. @throws FLEET_ALREADY_RUNNING */
export async function openHost(fleet: LoadedFleet, options: HostOptions): Promise<FleetHost> {
  const paths = runPaths(fleet.directory)
  mkdirSync(paths.run, { recursive: true, mode: 0o700 })
  const lock = FileLock.tryAcquire(paths.supervisorLock)
  if (lock === undefined) throw await alreadyRunning(paths, fleet)
  const seat = { lock, record: paths.supervisorRecord }
  return await openSeat(seat, { fleet, ...options }, (stop) => {
    const supervisor = superviseFleet(fleet, paths, options)
    return { supervisor, target: controlTarget(supervisor, fleet, stop) }
  })
}

/** The place of a supervisor on this machine: a lock that ends with it, and a record that tells of it. */
export type Seat = { readonly lock: FileLock; readonly record: string }

type Seated = {
  readonly supervisor: Supervisor
  readonly target: Omit<ControlTarget, 'signInLink'>
}

/** Makes a supervisor reachable: the endpoint, and the record that names it. The seat's lock goes with its end. */
export async function openSeat(
  { lock, record }: Seat,
  options: SeatOptions,
  make: (stop: () => void) => Seated,
): Promise<FleetHost> {
  const opened = new AsyncDisposableStack()
  try {
    const stopAsked = new AbortController()
    const { supervisor, target } = make(() => stopAsked.abort())
    const metrics = await serveMetrics(supervisor, options)
    opened.defer(async () => await metrics?.close())
    const token = new Secret(randomBytes(TOKEN_BYTES).toString('base64url'))
    const front = await openFront({ ...options, supervisor, token })
    opened.defer(async () => await front?.close())
    const whole = { ...target, signInLink: () => front?.signInLink() ?? null }
    const server = await startControlServer(whole, { token, port: 0, log: options.log })
    opened.defer(() => server.close())
    const { pid } = process
    const processStart = processIdentity(pid) ?? 'unknown'
    const { port } = server
    writeSupervisorRecord(record, { pid, processStart, startedAt: Date.now(), port, token })
    let closing: Promise<void> | null = null
    const end = async () => {
      await supervisor.stop()
      await opened.disposeAsync()
      removeSupervisorRecord(record)
      lock.release()
    }
    const close = () => {
      closing ??= end()
      return closing
    }
    return { supervisor, front, stopAsked: stopAsked.signal, close }
  } catch (error) {
    await opened.disposeAsync()
    lock.release()
    throw error
  }
}

/** To whoever reaches a port of its own, where the operator asked for that. */
async function serveMetrics(
  supervisor: Supervisor,
  { fleet: { fleet }, log, version, metricsPort }: SeatOptions,
): Promise<MetricsListener | null> {
  if (fleet.metrics === undefined && metricsPort === undefined) return null
  const { port = METRICS_PORT, listen: host = '127.0.0.1', partitions = true } = fleet.metrics ?? {}
  const options = { host, port: metricsPort ?? port, partitions, version }
  if (options.port === 0) return null
  const listener = await startMetrics(() => supervisor.status(), options)
  log.info({ url: listener.url }, 'metrics served')
  return listener
}

function superviseFleet(fleet: LoadedFleet, paths: RunPaths, { log, progress }: HostOptions): Supervisor {
  const instance = folderIdentity(paths.identity)
  const packs = new LinkPacks()
  return new Supervisor({
    fleet: fleet.fleet.name,
    file: fleet.file,
    log,
    makeCluster: (declaration) => managedCluster(declaration, fleet.directory, { log, progress }),
    spawnLink: (spec) => packs.spawn(spec, { logFile: linkLogFile(paths, spec.name), instance }),
    spawnGateway: (spec) => spawnGateway(spec, { logFile: routeLogFile(paths, spec.route.name) }),
    gatewayId: `${instance}.up`,
    externals: new ExternalClusters(fleet.directory, askClusterId),
  })
}

function controlTarget(supervisor: Supervisor, fleet: LoadedFleet, stop: () => void): Seated['target'] {
  return {
    status: () => supervisor.status(),
    stop,
    cluster: (name, action) => supervisor.cluster(name, action),
    reconcile: async () => {
      const applied = await readApplied(fleet.directory)
      if (applied === null) return
      const { failed } = await supervisor.reconcile(applied)
      const [first] = failed
      if (first !== undefined) throw first.error
    },
  }
}

async function alreadyRunning(paths: RunPaths, { fleet, file }: LoadedFleet): Promise<Error> {
  const until = Date.now() + RECORD_WAIT_MS
  for (;;) {
    const record = readSupervisorRecord(paths.supervisorRecord)
    const pid = record !== null && isRunning(record.pid, record.processStart) ? record.pid : null
    if (pid !== null || Date.now() >= until) {
      const by = pid === null ? 'another process' : `process ${pid}`
      const message = `fleet ${fleet.name} (${file}) is already run by ${by}`
      return fleetError('FLEET_ALREADY_RUNNING', message, { context: { pid } })
    }
    await systemClock.sleep(50)
  }
}
