import type { Log } from '../base/log.ts'
import { accessTo } from '../fleet/apply/bring-up.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import type { Supervisor } from '../fleet/run/supervisor.ts'
import { openDesk } from './alerts/open-desk.ts'
import { ClusterDoors } from './cluster-doors.ts'
import { ClusterWatches } from './cluster-watches.ts'
import { openDrift } from './drift/open-drift.ts'
import { LagRecorder } from './history/lag-recorder.ts'
import { openHistory } from './history/open-history.ts'
import type { House } from './house.ts'
import { Operations } from './operations/operations.ts'
import { ConsumerInstances } from './rest-v2/consumer/instances.ts'

export type HouseParts = {
  readonly fleet: LoadedFleet
  readonly supervisor: Supervisor
  readonly log: Log
  readonly version: string
}

export type OpenHouse = {
  readonly house: House
  readonly consumers: ConsumerInstances
  readonly operations: Operations
  leave(): Promise<void>
}

/** Opens what routes work with: doors, watches, what is kept of them, and who is told. @throws as `openDesk` */
export async function openHouse({ fleet, supervisor, log, version }: HouseParts): Promise<OpenHouse> {
  await using opening = new AsyncDisposableStack()
  const status = () => supervisor.status()
  const clusters = () => status().clusters
  const doors = opening.use(new ClusterDoors({ clusters, access: (name) => accessTo(fleet, name), log }))
  const names = () => clusters().map(({ name }) => name)
  const watches = opening.use(new ClusterWatches({ clusters: names, doors, log }))
  const history = openHistory(fleet, log)
  if (history !== null) opening.use(new LagRecorder({ history, watches, status, log }))
  const drift = opening.use(openDrift(fleet, { doors, status }, log))
  const told = await openDesk(fleet, { watches, status, drift }, log)
  opening.defer(async () => await told?.close())
  const consumers = opening.use(new ConsumerInstances())
  const operations = opening.use(new Operations(log))
  const restCluster = () => fleet.fleet.server?.rest?.cluster ?? onlyOne(clusters())
  const house = {
    version,
    log,
    doors,
    watches,
    history,
    drift,
    alerts: told?.desk ?? null,
    restCluster,
    status,
  }
  const opened = opening.move()
  return { house, consumers, operations, leave: () => opened.disposeAsync() }
}

function onlyOne(clusters: readonly { readonly name: string }[]): string | null {
  return clusters.length === 1 ? clusters[0]!.name : null
}
