import type { Log } from '../base/log.ts'
import type { Secret } from '../base/secret.ts'
import { cacheDirectory } from '../engine/cache-directory.ts'
import { accessTo } from '../fleet/apply/bring-up.ts'
import type { LoadedFleet } from '../fleet/file/fleet.ts'
import { type ServerSecrets, serverSecrets, tlsOf } from '../fleet/file/server-access.ts'
import { SERVER_PORT, type ServerDeclaration, serverDefaults } from '../fleet/file/server-schema.ts'
import type { Supervisor } from '../fleet/run/supervisor.ts'
import { ClusterDoors } from './cluster-doors.ts'
import { ClusterWatches } from './cluster-watches.ts'
import { openEntrance } from './door/entrance.ts'
import { serverError } from './errors.ts'
import { LagRecorder } from './history/lag-recorder.ts'
import { openHistory } from './history/open-history.ts'
import type { House } from './house.ts'
import { type HttpServer, startHttp } from './http/server.ts'
import { ConsolePage } from './page/console-page.ts'
import { ConsumerInstances } from './rest-v2/consumer/instances.ts'
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
 * @throws SERVER_PORT_IN_USE, SERVER_NOT_OPENED, SERVER_TOKEN_WEAK, SECRET_UNAVAILABLE
 */
export async function openFront(options: FrontOptions): Promise<Front | null> {
  const { fleet, consolePort } = options
  if (consolePort === 0) return null
  const declared = fleet.fleet.server ?? serverDefaults
  const secrets = await serverSecrets(declared, { directory: fleet.directory, env: process.env })
  let server: HttpServer | null = null
  const place = () => ({ url: declared.url ?? reachable(server!.url), port: server!.port })
  const { door, signIn } = openEntrance({ declared, secrets, token: options.token, place })
  const { house, consumers, leave } = openHouse(options)
  const page = new ConsolePage()
  try {
    server = await listen(
      { routes: allRoutes({ signIn, consumers }), house, door, page },
      declared,
      secrets,
      options,
    )
  } catch (error) {
    await leave()
    throw error
  }
  if (server === null) {
    await leave()
    return null
  }
  options.log.info({ url: server.url }, 'server opened')
  void page.open(cacheDirectory(), options.log)
  const { close } = server
  return {
    url: place().url,
    signInLink: () => signIn.link(),
    close: async () => {
      page.close()
      await close()
      await leave()
    },
  }
}

function openHouse({ fleet, supervisor, log, version }: FrontOptions) {
  const clusters = () => supervisor.status().clusters
  const doors = new ClusterDoors({ clusters, access: (name) => accessTo(fleet, name), log })
  const watches = new ClusterWatches({ clusters: () => clusters().map(({ name }) => name), doors, log })
  const status = () => supervisor.status()
  const history = openHistory(fleet, log)
  const recorder = history === null ? null : new LagRecorder({ history, watches, status, log })
  const consumers = new ConsumerInstances()
  const restCluster = () => fleet.fleet.server?.rest?.cluster ?? onlyOne(clusters())
  const house: House = { version, log, doors, watches, history, restCluster, status }
  const leave = async () => {
    await consumers[Symbol.asyncDispose]()
    await recorder?.[Symbol.asyncDispose]()
    await watches[Symbol.asyncDispose]()
    await doors[Symbol.asyncDispose]()
  }
  return { house, consumers, leave }
}

type Parts = Pick<Parameters<typeof startHttp>[0], 'routes' | 'house' | 'door' | 'page'>

/** null where the usual port is taken. */
async function listen(
  parts: Parts,
  declared: ServerDeclaration,
  secrets: ServerSecrets,
  { consolePort, isOneOfMany = false, log }: FrontOptions,
): Promise<HttpServer | null> {
  const { listen: host, proxies } = declared
  const port = consolePort ?? declared.port ?? SERVER_PORT
  const isAskedFor = consolePort !== undefined || (declared.port !== undefined && !isOneOfMany)
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

function onlyOne(clusters: readonly { readonly name: string }[]): string | null {
  return clusters.length === 1 ? clusters[0]!.name : null
}

/** What listens at every address is reached at this machine's own. */
function reachable(url: string): string {
  return url.replace('://0.0.0.0:', '://127.0.0.1:').replace('://[::]:', '://[::1]:')
}
