import { join } from 'node:path'

/** Where a fleet keeps what belongs to this machine: `.kmc/` beside the fleet file. All paths are absolute. */
export type RunPaths = {
  readonly data: string
  readonly run: string
  readonly logs: string
  readonly clusters: string
  /** What was seen over time: the history of lags, and what alerts have told. */
  readonly seen: string
  /** The name by which this machine's workers are known to those elsewhere. */
  readonly identity: string
  /** Held locked by the one supervisor of this fleet; empty. */
  readonly supervisorLock: string
  /** Who runs, and how to ask it. Mode 0600. */
  readonly supervisorRecord: string
  readonly supervisorLog: string
}

export function runPaths(fleetDirectory: string): RunPaths {
  const data = join(fleetDirectory, '.kmc')
  const run = join(data, 'run')
  const logs = join(data, 'logs')
  return {
    data,
    run,
    logs,
    clusters: join(data, 'clusters'),
    seen: join(data, 'seen'),
    identity: join(run, 'identity'),
    supervisorLock: join(run, 'supervisor.lock'),
    supervisorRecord: join(run, 'supervisor.json'),
    supervisorLog: join(logs, 'supervisor.log'),
  }
}

/** The folder of one managed cluster. Names are checked by the schema: they cannot leave the folder. */
export function clusterDirectory(paths: RunPaths, name: string): string {
  return join(paths.clusters, name)
}

export function linkLogFile(paths: RunPaths, name: string): string {
  return join(paths.logs, `link-${name}.log`)
}

export function routeLogFile(paths: RunPaths, name: string): string {
  return join(paths.logs, `route-${name}.log`)
}

/** Files of the n-th `kmc serve` that runs from this folder. */
export type ServePaths = {
  readonly lock: string
  readonly record: string
  readonly log: string
  /** Of the worker of a link. */
  readonly linkLog: (name: string) => string
  /** Of the gateway of a route. */
  readonly routeLog: (name: string) => string
}

export function servePaths(paths: RunPaths, number: number): ServePaths {
  const seat = `serve-${number}`
  return {
    lock: join(paths.run, `${seat}.lock`),
    record: join(paths.run, `${seat}.json`),
    log: join(paths.logs, `${seat}.log`),
    linkLog: (name) => join(paths.logs, `link-${name}.${seat}.log`),
    routeLog: (name) => join(paths.logs, `route-${name}.${seat}.log`),
  }
}
