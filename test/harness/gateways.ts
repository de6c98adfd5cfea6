import assert from 'node:assert/strict'
import type { Log } from '../../src/base/log.ts'
import { Route } from '../../src/gateway/route.ts'
import type { RouteSpec } from '../../src/gateway/spec.ts'
import type { Access } from './access.ts'
import { BASE_PORT, type TestCluster } from './clusters.ts'
import type { JavaClient, ScannedRecord } from './java/client.ts'
import { PATIENCE_MS, waitUntil } from './wait.ts'

/** Ports of routes begin behind those of the clusters of a test file. */
const ROUTES_FROM = 200
const PORTS_PER_ROUTE = 10
const SLOTS = 3
let routes = 0

export type TestRoute = {
  readonly route: Route
  /** How foreign clients reach it. */
  readonly access: Access
  readonly log: readonly string[]
}

/** A route inside the test's own process, over these clusters; the first one serves. */
export async function startRoute(
  clusters: readonly TestCluster[],
  more: Partial<RouteSpec> = {},
): Promise<TestRoute> {
  const port = BASE_PORT + ROUTES_FROM + routes++ * PORTS_PER_ROUTE
  const lines: string[] = []
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(fields)}`)
  }
  const log: Log = { debug() {}, info: write('info'), warn: write('warn'), error: write('error') }
  const name = more.name ?? `route-${port}`
  const spec: RouteSpec = {
    name,
    listen: { host: '127.0.0.1', port, slots: SLOTS },
    clusters: clusters.map(({ name: cluster, config }) => ({ name: cluster, config })),
    active: clusters[0]!.name,
    ...more,
  }
  const route = await Route.start(spec, { log })
  return { route, access: { name, bootstrap: [`127.0.0.1:${port}`] }, log: lines }
}

/** Waits until every journal and every follower of the Java client has moved on by so many records. */
export async function awaitProgress(
  java: JavaClient,
  { route, log }: TestRoute,
  { what, records }: { readonly what: string; readonly records: number },
): Promise<void> {
  const counts = async () => [
    ...Object.values(await java.journalCounts()).map(({ acknowledged }) => acknowledged),
    ...Object.values(await java.followerCounts()).map(({ read }) => read),
  ]
  const from = await counts()
  const look = async () => (await counts()).every((count, at) => count > from[at]! + records)
  const lastSeen = () => ({ status: route.status(), log: log.slice(-10) })
  await waitUntil(`everybody goes on ${what}`, look, { withinMs: PATIENCE_MS, lastSeen })
}

/** Fails when a record of this writer stands in the log twice, or before one that was sent earlier. */
export function assertOnceInOrder(writer: string, mine: readonly ScannedRecord[]): void {
  const ids = mine.map(({ id }) => id)
  assert.equal(new Set(ids).size, ids.length, `${writer}: a record is there twice`)
  for (const [partition, records] of Map.groupBy(mine, (record) => record.partition)) {
    const inLog = records.map(({ id }) => id)
    const sent = inLog.toSorted((a, b) => a - b)
    assert.deepEqual(inLog, sent, `${writer}: order in partition ${partition}`)
  }
}
