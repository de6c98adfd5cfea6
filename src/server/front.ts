import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import { cacheDirectory } from '../engine/cache-directory.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import { type ServerSecrets, serverSecrets, tlsOf } from '../fleet/file/server-access.ts'
import { SERVER_PORT, type ServerDeclaration, serverDefaults } from '../fleet/file/server-schema.ts'
import type { Supervisor } from '../fleet/run/supervisor.ts'
import { ClusterTrail } from './audit/trail.ts'
import { openEntrance } from './door/entrance.ts'
import { serverError } from './errors.ts'
import { FleetChanges } from './events/fleet-changes.ts'
import { type HttpServer, startHttp } from './http/server.ts'
import { type OpenHouse, openHouse } from './open-house.ts'
import { ConsolePage } from './page/console-page.ts'
import { allRoutes } from './tables.ts'

export type FrontOptions = {
  readonly fleet: LoadedFleet
  readonly supervisor: Supervisor
  readonly log: Log
  readonly version: string
  /** What whoever started the process may show. */
  readonly token: Secret
  /** In place of the port that the fleet file names; 0 for none. */
  readonly consolePort?: number | undefined
  /** Whether a port of the fleet file may be taken, as by another process of this fleet. */
  readonly isOneOfMany?: boolean
}

export type Front = {
  readonly url: string
  /** A link that signs in once. */
  signInLink(): string
  close(): Promise<void>
}

/**
 * The server that people and programs see: the API, and what is built on it. null where nobody asked for its port and
 * that is taken: a second fleet on the machine must not fail for it.
 * @throws SERVER_PORT_IN_USE, SERVER_NOT_OPENED, SERVER_TOKEN_WEAK, SECRET_UNAVAILABLE, ALERT_RECEIVER_INVALID
 */
export async function openFront(options: FrontOptions): Promise<Front | null> {
  const { fleet, consolePort, log } = options
  if (consolePort === 0) {
    if (tellsAlerts(fleet)) log.warn({}, 'nobody is told of alerts: without its server kmc does not look')
    return null
  }
  const declared = fleet.fleet.server ?? serverDefaults
  const secrets = await serverSecrets(declared, { directory: fleet.directory, env: process.env })
  const open = await openHouse(options)
  try {
    const front = await openedIn(open, declared, secrets, options)
    if (front === null) await open.leave()
    return front && { ...front, close: () => front.close().then(open.leave) }
  } catch (error) {
    await open.leave()
    throw error
  }
}

async function openedIn(
  { house, consumers, operations }: OpenHouse,
  declared: ServerDeclaration,
  secrets: ServerSecrets,
  options: FrontOptions,
): Promise<Front | null> {
  let server: HttpServer | null = null
  const place = () => ({ url: declared.url ?? reachable(server!.url), port: server!.port })
  const { doors, status, log } = house
  const trail = new ClusterTrail({ doors, status, mode: declared.audit, log })
  const { door, signIn } = openEntrance({
    ...{ declared, secrets, token: options.token, place },
    onSignedIn: (caller, address) => trail.signedIn(caller, address),
  })
  const page = new ConsolePage()
  const changes = new FleetChanges({ status, operations })
  const routes = allRoutes({ fleet: options.fleet, signIn, trail, operations, consumers, changes })
  server = await listen({ routes, house, door, page, audit: trail }, declared, secrets, options)
  if (server === null) return null
  const { url, close } = server
  log.info({ url }, 'server opened')
  void page.open(cacheDirectory(), log)
  return {
    url: place().url,
    signInLink: () => signIn.link(),
    close: async () => {
      page.close()
      await close()
    },
  }
}

type Parts = Pick<Parameters<typeof startHttp>[0], 'routes' | 'house' | 'door' | 'page' | 'audit'>

/** null where the usual port is taken. */
async function listen(
  parts: Parts,
  declared: ServerDeclaration,
  secrets: ServerSecrets,
  { fleet, consolePort, isOneOfMany = false, log }: FrontOptions,
): Promise<HttpServer | null> {
  const { listen: host, proxies } = declared
  const port = consolePort ?? declared.port ?? SERVER_PORT
  const isNeeded = declared.port !== undefined || tellsAlerts(fleet)
  const isAskedFor = consolePort !== undefined || (isNeeded && !isOneOfMany)
  try {
    return await startHttp({ ...parts, host, port, proxies, tls: tlsOf(declared, secrets) })
  } catch (cause) {
    const context = { host, port }
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
      const why = (cause as NodeJS.ErrnoException).code ?? 'the certificate and its key cannot be used'
      throw serverError('SERVER_NOT_OPENED', `the server cannot listen at ${host}:${port}: ${why}`, {
        cause,
        context,
      })
    }
    if (isAskedFor) {
      throw serverError('SERVER_PORT_IN_USE', `port ${port} of ${host} is in use`, { cause, context })
    }
    log.warn(context, 'server not opened: its port is in use')
    return null
  }
}

/** Alerts that somebody waits for must not stay away because a port was taken. */
function tellsAlerts({ fleet }: LoadedFleet): boolean {
  return Object.keys(fleet.alerts?.receivers ?? {}).length > 0
}

/** What listens at every address is reached at this machine's own. */
function reachable(url: string): string {
  return url.replace('://0.0.0.0:', '://127.0.0.1:').replace('://[::]:', '://[::1]:')
}
