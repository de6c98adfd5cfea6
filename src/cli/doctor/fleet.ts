import { KmcError } from '../../base/error.ts'
import { isPortFree, portHolder } from '../../engine/ports.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import type { LoadedFleet, ManagedClusterDeclaration } from '../../fleet/file/fleet.ts'
import { portsOf } from '../../fleet/file/ports.ts'
import { managedOnDisk } from '../../fleet/run/managed.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import { formatDuration } from '../terminal/units.ts'
import { type Finding, failed, fromError, ok, warning } from './finding.ts'

/** The fleet file with what was found about it; `loaded` is null where there is none that can be used. */
export type FleetFindings = { readonly loaded: LoadedFleet | null; readonly findings: readonly Finding[] }

/** Looks at the fleet file itself, and at the secrets that it refers to. */
export async function fleetFindings(fleetPath: string): Promise<FleetFindings> {
  try {
    const loaded = await openFleet(fleetPath)
    const { clusters, links } = loaded.fleet
    const detail = `${loaded.file}: ${count(clusters, 'cluster')}, ${count(links, 'link')}`
    const remarks = loaded.remarks.map(({ line, message }) =>
      warning(
        'fleet file',
        `${loaded.file}:${line}: ${message}`,
        'Nothing has to be done if that is intended.',
      ),
    )
    return { loaded, findings: [ok('fleet file', detail), ...remarks, supervisorFinding(loaded.directory)] }
  } catch (error) {
    const isMissing = error instanceof KmcError && error.code === 'FLEET_FILE_MISSING'
    const finding = fromError('fleet file', error, isMissing ? 'warning' : 'failed')
    return { loaded: await loadedWithoutSecrets(fleetPath), findings: [finding] }
  }
}

/** A secret that is missing is one cluster's trouble: the others are looked at all the same. */
async function loadedWithoutSecrets(fleetPath: string): Promise<LoadedFleet | null> {
  try {
    return await openFleet(fleetPath, { secrets: 'ignore' })
  } catch {
    // The file itself is wrong, as the finding says.
    return null
  }
}

function count(things: object, word: string): string {
  const number = Object.keys(things).length
  return `${number} ${word}${number === 1 ? '' : 's'}`
}

function supervisorFinding(directory: string): Finding {
  const supervisor = findSupervisor(directory)
  if (supervisor === null) return ok('supervisor', 'none runs here; kmc up starts one', { pid: null })
  const since = formatDuration(Date.now() - supervisor.startedAt)
  return ok('supervisor', `process ${supervisor.pid}, for ${since}`, { pid: supervisor.pid })
}

/** Whether the ports of managed clusters that do not run could be opened. */
export async function portFindings({ fleet, directory }: LoadedFleet): Promise<Finding[]> {
  const managed = Object.values(fleet.clusters).filter((cluster) => cluster.kind === 'managed')
  return await Promise.all(managed.map(async (cluster) => await portFinding(cluster, directory)))
}

async function portFinding(cluster: ManagedClusterDeclaration, directory: string): Promise<Finding> {
  const check = `ports of ${cluster.name}`
  const { first, last } = portsOf(cluster.port, cluster.brokers)
  const { state } = await managedOnDisk(cluster, directory)
  if (state === 'running')
    return ok(check, `${first} to ${last}, in use by the cluster itself`, { first, last })
  for (let port = first; port <= last; port += 1) {
    if (await isPortFree(port)) continue
    const holder = await portHolder(port)
    const who = holder === undefined ? 'another program' : `process ${holder.pid} (${holder.command})`
    const remedy = `End that program, or give ${cluster.name} another port in the fleet file.`
    return failed(check, `port ${port} is taken by ${who}`, remedy, { port, holder: holder ?? null })
  }
  return ok(check, `${first} to ${last} are free`, { first, last })
}
