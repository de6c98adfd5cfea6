import { z } from 'zod'
import { silentLog } from '../../../src/base/log.ts'
import { Secret } from '../../../src/base/secret.ts'
import { cacheDirectory } from '../../../src/engine/cache-directory.ts'
import type { ShownField, ShownRecord } from '../../../src/observe/records/shown.ts'
import { fleetRoutes } from '../../../src/server/api/fleet.ts'
import { ClusterDoors } from '../../../src/server/cluster-doors.ts'
import { TokenDoor } from '../../../src/server/door/token-door.ts'
import { type Route, route } from '../../../src/server/http/route.ts'
import { startHttp } from '../../../src/server/http/server.ts'
import { ConsolePage } from '../../../src/server/page/console-page.ts'
import { madeFleet } from './made-fleet.ts'

export const TOKEN = 'a-token-for-the-page'

/** The console on the server's own HTTP, over a fleet that is made up. */
export async function startMadeServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const page = new ConsolePage()
  await page.open(cacheDirectory(), silentLog)
  const doors = new ClusterDoors({
    clusters: () => madeFleet().clusters,
    access: () => Promise.reject(new Error('no cluster runs here')),
  })
  const watches = { view: () => null, all: () => [] }
  const house = { version: '0', log: silentLog, doors, watches, status: madeFleet }
  const door = new TokenDoor(new Secret(TOKEN))
  const server = await startHttp({
    routes: [...fleetRoutes, ...kafka],
    house,
    door,
    page,
    host: '127.0.0.1',
    port: 0,
  })
  const close = async () => {
    page.close()
    await server.close()
    await doors[Symbol.asyncDispose]()
  }
  return { url: server.url, close }
}

function made(path: string, answer: unknown): Route {
  return route({
    ...{ method: 'GET', path, tag: 'made', summary: 'made up', action: null, answer: z.unknown() },
    need: { role: 'viewer', on: 'fleet' },
    query: z.looseObject({}),
    handle: () => answer,
  })
}

/** What would run, hide or break something wherever it is taken for more than text. */
export const hostileText =
  '</script><img src=x onerror="document.title=\'taken over\'">\u202egnp.exe\u0000\u001b[31m'

const list = (data: readonly unknown[]) => ({ data, metadata: { next: null } })
const topic = { topic_name: 'orders', is_internal: false, replication_factor: 3, partitions_count: 3 }
const group = {
  consumer_group_id: 'billing',
  state: 'STABLE',
  type: 'CONSUMER',
  partition_assignor: 'uniform',
}
const V3 = '/v3/clusters/{cluster}'

const kafka: readonly Route[] = [
  made(`${V3}/topics`, list([topic, { ...topic, topic_name: 'payments' }])),
  made(`${V3}/topics/{topic}`, topic),
  made(`${V3}/topics/{topic}/partitions/{partition}/offset`, { earliest_offset: 0, latest_offset: 120_033 }),
  made(
    `${V3}/topics/{topic}/partitions/{partition}/replicas`,
    list(
      [0, 1, 2].map((broker_id) => ({ broker_id, is_leader: broker_id === 0, is_in_sync: broker_id < 2 })),
    ),
  ),
  made(
    `${V3}/topics/{topic}/configs`,
    list([
      {
        name: 'retention.ms',
        value: '-1',
        is_default: false,
        is_sensitive: false,
        source: 'DYNAMIC_TOPIC_CONFIG',
      },
    ]),
  ),
  made(
    `${V3}/brokers`,
    list([0, 1, 2].map((broker_id) => ({ broker_id, host: '127.0.0.1', port: 19_092, rack: null }))),
  ),
  made(`${V3}/consumer-groups`, list([group])),
  made(`${V3}/consumer-groups/{group}`, group),
  made(`${V3}/consumer-groups/{group}/lag-summary`, { total_lag: 812 }),
  made(
    `${V3}/consumer-groups/{group}/lags`,
    list(
      [0, 1, 2].map((partition_id) => ({
        ...{
          topic_name: 'orders',
          partition_id,
          current_offset: 100,
          log_end_offset: 100 + partition_id * 400,
        },
        ...{ lag: partition_id * 400, consumer_id: `c-${partition_id}`, client_id: 'billing' },
      })),
    ),
  ),
  made(
    `${V3}/acls`,
    list([
      {
        ...{ resource_type: 'TOPIC', resource_name: 'orders', pattern_type: 'PREFIXED', host: '*' },
        ...{ principal: 'User:ada', operation: 'READ', permission: 'ALLOW' },
      },
    ]),
  ),
  made('/api/clusters/{cluster}/topics/{topic}/records', {
    ...{ records: records(), end: 'all', next: null, scanned: { records: 5, bytes: 1_000 } },
  }),
]

function records(): ShownRecord[] {
  const text = (type: 'json' | 'text', value: string): ShownField => {
    return { type, text: value, sizeBytes: value.length, isCut: false }
  }
  const paid = text(
    'json',
    JSON.stringify({ order: 17, status: 'paid', items: [{ sku: 'a-17', n: 2 }], note: null }),
  )
  const values: ShownField[] = [
    paid,
    text('text', hostileText),
    text('json', JSON.stringify({ [hostileText]: hostileText, __proto__: { polluted: true } })),
    { type: 'binary', base64: 'AAECAwT/', sizeBytes: 6, isCut: false },
    { type: 'null' },
  ]
  return values.map((value, index) => ({
    ...{ partition: index % 3, offset: 1_000 - index, timestamp: Date.now() - index * 1_000, value },
    key: text('text', index === 1 ? hostileText : `kr-${index}`),
    headers: [{ name: hostileText, value: text('text', hostileText) }],
    sizeBytes: 140,
  }))
}
