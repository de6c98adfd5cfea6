import { silentLog } from '../../src/base/log.ts'
import type { ClusterStatus, FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import { ClusterDoors } from '../../src/server/cluster-doors.ts'
import { ClusterWatches } from '../../src/server/cluster-watches.ts'
import type { Door } from '../../src/server/door/door.ts'
import type { Role } from '../../src/server/door/roles.ts'
import type { House } from '../../src/server/house.ts'
import type { AskedChange, AuditTrail, ChangeEnd } from '../../src/server/http/audit-trail.ts'
import type { Route } from '../../src/server/http/route.ts'
import { startHttp } from '../../src/server/http/server.ts'
import { quietHouse } from '../kit/quiet-house.ts'
import type { TestCluster } from './clusters.ts'

export type Asked = {
  readonly method?: string
  /** JSON, unless it is a text. */
  readonly body?: unknown
  /** Default admin. */
  readonly as?: Role
  readonly headers?: Readonly<Record<string, string>>
}

export type Answer<Body> = { readonly status: number; readonly body: Body; readonly headers: Headers }

export type FrontParts = {
  readonly links?: FleetStatus['links']
  /** In place of watches of its own. */
  readonly watches?: House['watches']
}

/** The server of some routes over clusters of a test: whoever asks says in which role. */
export class TestFront implements AsyncDisposable {
  readonly url: string
  /** Every change that was asked for, as the audit log is told of it. */
  readonly changes: (AskedChange & ChangeEnd)[] = []
  readonly #close: () => Promise<void>

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  static async start(
    routes: readonly Route[],
    clusters: readonly TestCluster[],
    { links = [], watches: own }: FrontParts = {},
  ): Promise<TestFront> {
    const known = clusters.map(clusterStatus)
    const access = async (name: string) => clusters.find((one) => one.name === name)!.config
    const doors = new ClusterDoors({ clusters: () => known, access })
    const status = (): FleetStatus => ({
      ...{ fleet: 'test', file: 'fleet.yaml', at: Date.now(), supervisor: null },
      ...{ clusters: known, links, routes: [] },
    })
    const names = known.map(({ name }) => name)
    const watches = new ClusterWatches({
      clusters: () => (own === undefined ? names : []),
      doors,
      log: silentLog,
    })
    const house = quietHouse(doors, { watches: own ?? watches, status, restCluster: () => names[0] ?? null })
    const audit: AuditTrail = {
      begin: async (asked) => async (end) => void front.changes.push({ ...asked, ...end }),
      refused: async (asked, error) => void front.changes.push({ ...asked, error, change: {} }),
    }
    const server = await startHttp({ routes, house, door, host: '127.0.0.1', port: 0, audit })
    const front = new TestFront(server.url, async () => {
      await server.close()
      await watches[Symbol.asyncDispose]()
      await doors[Symbol.asyncDispose]()
    })
    return front
  }

  /** Sends one request and reads its answer, as JSON where it is. */
  async ask<Body = never>(
    path: string,
    { method, body, as = 'admin', headers }: Asked = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(this.url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: {
        authorization: as,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const { status, headers: told } = response
    return { status, headers: told, body: (isJson && text !== '' ? JSON.parse(text) : text) as Body }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
  }
}

const door: Door = {
  admit() {},
  identify({ authorization }) {
    if (authorization === undefined) return null
    return { name: authorization, by: 'token', grants: [{ role: authorization as Role }] }
  },
}

function clusterStatus({ name, clusterId, config }: TestCluster): ClusterStatus {
  const state = { kind: 'external', region: null, state: 'ready', brokers: [], fault: null } as const
  return { name, clusterId, bootstrap: config.bootstrap, ...state }
}
