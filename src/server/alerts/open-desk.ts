import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../../base/log.ts'
import { FileLock } from '../../engine/lock.ts'
import { rulesOf } from '../../fleet/file/alert-rules.ts'
import type { LoadedFleet } from '../../fleet/file/fleet.ts'
import { runPaths } from '../../fleet/run/run-paths.ts'
import { clusterFacts } from '../../observe/alerts/cluster-facts.ts'
import type { DriftWatch } from '../drift/drift-watch.ts'
import type { House } from '../house.ts'
import { AlertDesk } from './desk.ts'
import { FleetFacts } from './fleet-facts.ts'
import { readMemory, writeMemory } from './memory.ts'
import { receiversFor } from './receivers.ts'

export type OpenDesk = { readonly desk: AlertDesk; close(): Promise<void> }

/**
 * Whoever tells of alerts in this folder: one process alone, so that nobody is told twice; null in the others.
 * @throws SECRET_UNAVAILABLE, ALERT_RECEIVER_INVALID
 */
export async function openDesk(
  { fleet, directory }: LoadedFleet,
  { watches, status, drift }: Pick<House, 'watches' | 'status'> & { readonly drift: DriftWatch },
  log: Log,
): Promise<OpenDesk | null> {
  const { alerts } = fleet
  const { run, seen } = runPaths(directory)
  const receivers = alerts === undefined ? [] : await receiversFor(alerts, { directory, env: process.env })
  const lock = FileLock.tryAcquire(join(run, 'alerts.lock'))
  if (lock === undefined) {
    log.info({}, 'another process of this folder tells of alerts')
    return null
  }
  mkdirSync(seen, { recursive: true })
  const path = join(seen, 'alerts.json')
  const ofFleet = new FleetFacts((link) => fleet.links[link]?.rpoMs)
  const desk = new AlertDesk({
    ...{ rules: rulesOf(alerts), receivers, tell: alerts?.tell ?? [], log },
    facts: (now) => [
      ...watches.all().flatMap((view) => clusterFacts(view, now)),
      ...ofFleet.take(status(), now),
      ...drift.facts(now),
    ],
    memory: readMemory(path, log),
    save: (memory) => writeMemory(path, memory),
  })
  const close = async () => {
    await desk[Symbol.asyncDispose]()
    lock.release()
  }
  return { desk, close }
}
