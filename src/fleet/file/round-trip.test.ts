import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { kafkaVersions } from '../../engine/kafka/versions.ts'
import type { Fleet } from './fleet.ts'
import { parseFleet } from './load.ts'
import type { FleetFile } from './schema.ts'

const NAMES = ['seoul', 'virginia', 'tokyo', 'constructor', '1', 'null', 'a-b_c']

const managed = fc.record(
  {
    region: fc.constantFrom('kr', 'us', 'no', 'on', '1e3'),
    brokers: fc.integer({ min: 1, max: 5 }),
    kafka: fc.constantFrom(...kafkaVersions.map(({ version }) => version)),
    security: fc.boolean(),
    heap: fc.integer({ min: 96, max: 4_096 }),
    config: fc.dictionary(
      fc.constantFrom('log.retention.hours', 'num.partitions', 'compression.type'),
      fc.oneof(
        fc.integer(),
        fc.boolean(),
        fc.constantFrom('producer', 'true', '1', '', ' x ', '# y', '주문'),
      ),
    ),
  },
  { requiredKeys: [] },
)
const external = fc.record(
  {
    bootstrap: fc.uniqueArray(fc.integer({ min: 1, max: 65_535 }), { minLength: 1, maxLength: 3 }),
    region: fc.constantFrom('jp', 'eu'),
    tls: fc.record({ ca: fc.constantFrom('file:ca.pem', 'env:CA') }, { requiredKeys: [] }),
    sasl: fc.oneof(
      fc.record({
        mechanism: fc.constantFrom('PLAIN' as const, 'SCRAM-SHA-512' as const),
        username: fc.string({ minLength: 1, maxLength: 8 }),
        password: fc.constantFrom('env:P', 'file:a b'),
      }),
      fc.record({ mechanism: fc.constant('OAUTHBEARER' as const), token: fc.constant('env:T') }),
    ),
    clusterId: fc.uuid(),
  },
  { requiredKeys: ['bootstrap'] },
)
const link = fc.record(
  {
    topics: fc.constantFrom<string[]>(['*'], ['*', '!tmp.*'], ['orders', 'pay?ents']),
    groups: fc.constantFrom<string[]>([], ['*'], ['app-*']),
    start: fc.constantFrom<string>('earliest', 'latest', '2026-03-31T00:00:00Z'),
    engine: fc.constant('exact' as const),
  },
  { requiredKeys: [] },
)

const route = fc.record(
  {
    standbyLost: fc.constantFrom('serve' as const, 'hold' as const),
    listen: fc.constantFrom('0.0.0.0', '127.0.0.1'),
    advertised: fc.constant('kafka.example'),
    tls: fc.constant({ certificate: 'file:c.pem', key: 'file:k.pem' }),
    sasl: fc.record({
      users: fc.dictionary(
        fc.constantFrom('alice', 'bob', '__proto', '1'),
        fc.record(
          {
            password: fc.constant('env:P'),
            as: fc.constant({ username: 'x', password: 'env:Q' }),
          },
          { requiredKeys: ['password'] },
        ),
        { minKeys: 1 },
      ),
    }),
    limits: fc.record({ connections: fc.integer({ min: 1, max: 9 }) }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
)

/** Files without mistakes: links lead from clusters to later ones (no loops), and prefixes keep mirrors apart. */
const file: fc.Arbitrary<FleetFile> = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1 }),
    clusters: fc.array(fc.oneof(managed, external), { minLength: NAMES.length, maxLength: NAMES.length }),
    links: fc.array(fc.tuple(link, fc.nat(NAMES.length), fc.nat(NAMES.length)), { maxLength: 5 }),
    route: fc.option(route),
  })
  .map(
    ({ names, clusters, links, route }): FleetFile => ({
      fleet: 'shop',
      clusters: Object.fromEntries(
        names.map((name, index) => {
          const keys = clusters[index]!
          if (!('bootstrap' in keys)) return [name, keys as FleetFile['clusters'][string]]
          return [name, { ...keys, bootstrap: keys.bootstrap.map((port) => `h-${index}.example:${port}`) }]
        }),
      ),
      links: Object.fromEntries(
        links.flatMap(([keys, one, two], index) => {
          const [from, to] = [Math.min(one, two), Math.max(one, two)]
          if (from === to || to >= names.length) return []
          return [[`l${index}`, { ...keys, from: names[from]!, to: names[to]!, prefix: `l${index}.` }]]
        }),
      ),
      ...(route !== null && names.length > 1 && routed(route, names[0]!, names.at(-1)!)),
    }),
  )

/** A route, and nothing but the link that it needs. */
function routed(keys: object, primary: string, standby: string): Pick<FleetFile, 'links' | 'routes'> {
  return {
    links: { only: { from: primary, to: standby } },
    routes: { shop: { ...keys, port: 9_192, primary, standby } },
  }
}

test('a fleet written in any style of YAML means the same', () => {
  fc.assert(
    fc.property(file, (written) => {
      const fleet = parseFleet(stringify(written)).fleet
      assert.deepEqual(parseFleet(JSON.stringify(written)).fleet, fleet)
      assert.deepEqual(parseFleet(stringify(written, { indent: 4, lineWidth: 20 })).fleet, fleet)
      assert.deepEqual(parseFleet(stringify(asWritten(fleet))).fleet, fleet)
    }),
    { numRuns: 300 },
  )
})

test('every value that is written arrives', () => {
  fc.assert(
    fc.property(file, (written) => {
      const { clusters, links } = parseFleet(stringify(written)).fleet
      assert.deepEqual(Object.keys(clusters).sort(), Object.keys(written.clusters).sort())
      for (const [name, keys] of Object.entries(written.clusters)) {
        const { region, bootstrap } = keys as { region?: string; bootstrap?: string[] }
        const cluster = clusters[name]!
        assert.equal(cluster.region, region ?? null)
        assert.equal(cluster.kind, bootstrap === undefined ? 'managed' : 'external')
        if (cluster.kind === 'external') assert.deepEqual(cluster.bootstrap, bootstrap)
      }
      for (const [name, keys] of Object.entries(written.links ?? {})) {
        assert.deepEqual(links[name]?.topics, keys.topics ?? ['*'])
        assert.deepEqual(links[name]?.groups, keys.groups ?? ['*'])
      }
    }),
    { numRuns: 300 },
  )
})

/** The file that says in full what a fleet is. */
function asWritten(fleet: Fleet): FleetFile {
  const clusters = Object.values(fleet.clusters).map((cluster) => {
    const { name, region } = cluster
    const common = region === null ? {} : { region }
    if (cluster.kind === 'external') {
      const { bootstrap, tls, sasl, clusterId } = cluster
      const keys = { ...common, bootstrap: [...bootstrap], tls: withoutNulls(tls), sasl, clusterId }
      return [name, withoutNulls(keys)]
    }
    const { brokers, kafka, port, security, config, heapMiB } = cluster
    const keys = {
      ...common,
      brokers,
      ...('version' in kafka ? { kafka: kafka.version } : kafka),
      port,
      security,
      config,
    }
    return [name, withoutNulls({ ...keys, heap: heapMiB })]
  })
  const links = Object.values(fleet.links).map(({ name, excluded: _, start, ...keys }) => {
    const text = start.at === 'time' ? new Date(start.timestampMs).toISOString() : start.at
    return [name, { ...keys, start: start.at === 'offsets' ? { offsets: start.offsets } : text }]
  })
  const routes = Object.values(fleet.routes).map(({ name, tls, sasl, ...keys }) => {
    const users = Object.entries(sasl?.users ?? {}).map(([user, known]) => [user, withoutNulls(known)])
    const own = sasl === null ? null : { ...sasl, users: Object.fromEntries(users) }
    return [name, withoutNulls({ ...keys, tls: withoutNulls(tls), sasl: own })]
  })
  return {
    fleet: fleet.name,
    clusters: Object.fromEntries(clusters),
    links: Object.fromEntries(links),
    routes: Object.fromEntries(routes),
  } as FleetFile
}

function withoutNulls(keys: object | null): object | undefined {
  if (keys === null) return undefined
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null && value !== undefined))
}
