import { z } from 'zod'
import { silentLog } from '../../../src/base/log.ts'
import { Secret } from '../../../src/base/secret.ts'
import { cacheDirectory } from '../../../src/engine/cache-directory.ts'
import { serverDefaults } from '../../../src/fleet/file/server-schema.ts'
import type { ShownField, ShownRecord } from '../../../src/observe/records/shown.ts'
import type { AlertRow, SilenceRow } from '../../../src/server/api/alerts.ts'
import type { LinkDifference } from '../../../src/server/api/drift.ts'
import { fleetRoutes } from '../../../src/server/api/fleet.ts'
import type { LagSeries } from '../../../src/server/api/history.ts'
import { ClusterDoors } from '../../../src/server/cluster-doors.ts'
import { openEntrance } from '../../../src/server/door/entrance.ts'
import { type Route, route } from '../../../src/server/http/route.ts'
import { type HttpServer, startHttp } from '../../../src/server/http/server.ts'
import { ConsolePage } from '../../../src/server/page/console-page.ts'
import { quietHouse } from '../../kit/quiet-house.ts'
import { madeFleet } from './made-fleet.ts'

export const TOKEN = 'a-token-for-the-page-of-the-tests'

/** The console on the server's own HTTP, over a fleet that is made up. */
export async function startMadeServer(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const page = new ConsolePage()
  await page.open(cacheDirectory(), silentLog)
  const doors = new ClusterDoors({
    clusters: () => madeFleet().clusters,
    access: () => Promise.reject(new Error('no cluster runs here')),
  })
  const house = quietHouse(doors, { status: madeFleet })
  const secrets = { tokens: new Map(), clientSecret: null, tls: new Map() }
  const place = () => ({ url: server.url, port: server.port })
  const { door } = openEntrance({
    ...{ declared: serverDefaults, secrets, token: new Secret(TOKEN), place },
    onSignedIn: () => undefined,
  })
  const server: HttpServer = await startHttp({
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
const age = { at: Date.now(), trouble: null }
const lag = { records: 812, bytes: null, seconds: null, secondsAtLeast: 40 }
const group = {
  ...{
    cluster: 'seoul',
    group: 'billing',
    type: 'consumer',
    state: 'Stable',
    members: 1,
    topics: ['orders'],
  },
  ...{ lag, verdict: 'WARN', lastCommitAt: Date.now() },
}
const copy = {
  link: 'dr',
  cluster: 'virginia',
  topic: 'orders',
  state: 'active',
  lag: { ...lag, at: Date.now() },
}
const topic = {
  ...{
    cluster: 'seoul',
    topic: 'orders',
    partitions: 3,
    replicationFactor: 3,
    underReplicated: 1,
    offline: 0,
  },
  ...{
    bytes: 1_048_576,
    readers: [{ group: 'billing', state: 'Stable', lag, verdict: 'WARN' }],
    readersTotal: 1,
  },
  ...{ mirrors: [copy], mirrorOf: null, age },
}
const cluster = {
  ...{ age, topics: 12, partitions: 72, groups: 3, groupsBehind: 1, underReplicated: 1, underMinIsr: 0 },
  ...{ offline: 0, logBytes: 1_048_576 },
  health: [{ kind: 'under-replicated', severity: 'warning', count: 1, examples: ['orders-1'] }],
  brokerList: [0, 1, 2].map((id) => ({
    ...{ id, address: `127.0.0.1:${19_092 + id}`, rack: null, isController: id === 0, isFenced: id === 2 },
    disks: [
      { path: 'data', fault: null, totalBytes: null, usableBytes: null, logBytes: 4_096, replicas: 24 },
    ],
  })),
}
const position = {
  ...{ topic: 'orders', partition: 0, position: 100, start: 0, end: 912, lag, verdict: 'WARN' },
  ...{ committedAt: Date.now(), owner: { memberId: 'a', clientId: 'billing-1', host: '/127.0.0.1' } },
}
const alert: AlertRow = {
  ...{ rule: 'lag-growing', title: 'A group falls behind', remedy: 'Look at its members.' },
  ...{ severity: 'warning', labels: {}, subject: { cluster: 'seoul', group: hostileText } },
  ...{ state: 'firing', value: 2, since: Date.now(), firedAt: Date.now(), toldAt: null, isSilenced: false },
}
const alerts: AlertRow[] = [
  { ...alert, rule: 'broker-down', severity: 'critical', subject: { cluster: 'seoul' } },
  alert,
  { ...alert, rule: 'drift', subject: { link: 'dr' }, state: 'pending' },
  { ...alert, rule: 'rpo-breach', subject: { link: 'dr' }, isSilenced: true },
]
const silences: SilenceRow[] = [
  { id: 's1', rule: 'rpo-breach', subject: { link: 'dr' }, until: Date.now(), by: 'ann', why: hostileText },
]
const receivers = [
  { name: 'ops', waiting: 0, sent: 4, lost: 0, lastError: null },
  { name: 'mail', waiting: 2, sent: 1, lost: 1, lastError: hostileText },
]
const differences: LinkDifference[] = [
  { severity: 'blocks', kind: 'partitions', subject: 'orders', what: hostileText, remedy: 'Wait.' },
  { severity: 'note', kind: 'quota', subject: 'user ada', what: 'the quota is another', remedy: null },
]
const HOUR_MS = 60 * 60_000
const series: LagSeries = {
  ...{ from: Date.now() - HOUR_MS, to: Date.now(), bucketMs: 60_000 },
  points: Array.from({ length: 60 }, (_, minute) => ({
    ...{ at: Date.now() - HOUR_MS + minute * 60_000, records: 13 * minute, bytes: null, seconds: minute / 2 },
  })),
}
const change = {
  ...{
    id: 'a',
    at: Date.now(),
    endedAt: Date.now(),
    result: 'refused',
    action: 'link.pause',
    who: 'token ci',
  },
  ...{ by: 'token', address: '127.0.0.1', on: { link: 'dr' }, host: 'here', before: null, after: null },
  error: { code: 'NOT_ALLOWED', message: 'token ci may not' },
}
const receipt = {
  ...{ id: 'f0', at: Date.now(), of: 'shop', what: 'switchover', by: 'ada@here', outcome: 'done' },
  text: 'seoul to virginia, lost: nothing',
}
const V3 = '/v3/clusters/{cluster}'

const kafka: readonly Route[] = [
  { ...made('/api/session', { name: null, ways: ['link'] }), need: 'anyone' },
  made('/api/alerts', { alerts, silences, receivers }),
  made('/api/alerts/events', { events: [{ what: 'firing', at: Date.now(), alert: alerts[0]! }] }),
  made('/api/operations', { operations: [] }),
  made('/api/audit', { entries: [change], next: null, missing: [] }),
  made('/api/receipts', { receipts: [receipt], missing: [] }),
  made('/api/receipts/{receipt}', '# Receipt'),
  made('/api/routes/{route}/failover', { run: null }),
  made('/api/topics', { total: 1, rows: [topic] }),
  made('/api/groups', { total: 1, rows: [group] }),
  made('/api/clusters/{cluster}', cluster),
  made('/api/clusters/{cluster}/topics/{topic}', topic),
  made('/api/clusters/{cluster}/groups/{group}/history', series),
  made('/api/links/{link}/history', series),
  made('/api/links/{link}/drift', { differences, age }),
  made('/api/clusters/{cluster}/groups/{group}', { ...group, partitions: [position], age }),
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
