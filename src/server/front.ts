import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import { cacheDirectory } from '../engine/cache-directory.ts'
import { accessTo } from '../fleet/apply/bring-up.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import type { Supervisor } from '../fleet/run/supervisor.ts'
import { clusterViewRoutes } from './api/clusters.ts'
import { fleetRoutes } from './api/fleet.ts'
import { groupViewRoutes } from './api/groups.ts'
import { recordRoutes } from './api/records.ts'
import { topicViewRoutes } from './api/topics.ts'
import { ClusterDoors } from './cluster-doors.ts'
import { ClusterWatches } from './cluster-watches.ts'
import { TokenDoor } from './door/token-door.ts'
import type { House } from './house.ts'
import { openApiRoute } from './http/openapi.ts'
import type { Route } from './http/route.ts'
import { startHttp } from './http/server.ts'
import { healthRoutes } from './metrics/routes.ts'
import { ConsolePage } from './page/console-page.ts'
import { v3Routes } from './v3/routes.ts'

/** Every route of the server. */
const routes: readonly Route[] = withDescription([
  ...fleetRoutes,
  ...clusterViewRoutes,
  ...topicViewRoutes,
  ...groupViewRoutes,
  ...recordRoutes,
  ...v3Routes,
  ...healthRoutes,
])

function withDescription(table: readonly Route[]): readonly Route[] {
  return [...table, openApiRoute(table)]
}

export type FrontOptions = {
  readonly fleet: LoadedFleet
  readonly supervisor: Supervisor
  readonly log: Log
  readonly version: string
  /** What whoever started the process may show. */
  readonly token: Secret
}

export type Front = { readonly url: string; close(): Promise<void> }

const PORT = 8_686

/**
 * The server that people and programs see: the API, and what is built on it. At the usual port as long as nobody asked
 * for it: a second fleet on the machine must not fail for that. null where the port is taken.
 */
export async function openFront({
  fleet,
  supervisor,
  log,
  version,
  token,
}: FrontOptions): Promise<Front | null> {
  const clusters = () => supervisor.status().clusters
  const doors = new ClusterDoors({ clusters, access: (name) => accessTo(fleet, name), log })
  const watches = new ClusterWatches({ clusters: () => clusters().map(({ name }) => name), doors, log })
  const house: House = { version, log, doors, watches, status: () => supervisor.status() }
  const leave = async () => {
    await watches[Symbol.asyncDispose]()
    await doors[Symbol.asyncDispose]()
  }
  const door = new TokenDoor(token)
  const page = new ConsolePage()
  try {
    const server = await startHttp({ routes, house, door, page, host: '127.0.0.1', port: PORT })
    log.info({ url: server.url }, 'server opened')
    void page.open(cacheDirectory(), log)
    const close = async () => {
      page.close()
      await server.close()
      await leave()
    }
    return { url: server.url, close }
  } catch (error) {
    await leave()
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    log.warn({ why: messageOf(error) }, 'server not opened')
    return null
  }
}
