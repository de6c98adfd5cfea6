import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { kafkaVersions } from '../../engine/kafka/versions.ts'
import { writeApplied } from './applied.ts'
import type { ManagedClusterDeclaration } from './fleet.ts'
import { loadFleet, parseFleet } from './load.ts'
import type { Problem } from './problem.ts'

/** The message lines of an invalid file, `LINE:COLUMN: path: message`. */
function problemsIn(text: string): string[] {
  const error = invalid(() => parseFleet(text))
  const problems = error.context.problems as readonly Problem[]
  return problems.map(({ line, column, path, message }) => `${line}:${column}: ${path}: ${message}`)
}

function invalid(call: () => unknown): KmcError {
  try {
    call()
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    assert.equal(error.code, 'FLEET_FILE_INVALID')
    return error
  }
  assert.fail('the file was taken')
}

/** Clusters a, b and c, with the given links. */
const withLinks = (links: string): string => `clusters:\n  a:\n  b:\n  c:\nlinks:\n${links}\n`

test('the smallest file is two names and a link, and every default is filled in', () => {
  const { fleet, remarks } = parseFleet(
    'clusters:\n  seoul:\n  virginia:\nlinks:\n  dr: { from: seoul, to: virginia }\n',
  )
  assert.deepEqual(remarks, [])
  assert.equal(fleet.name, 'fleet')
  assert.deepEqual(fleet.clusters.seoul, {
    kind: 'managed',
    name: 'seoul',
    region: null,
    brokers: 1,
    kafka: { version: '4.3.1' },
    port: 19_092,
    security: false,
    config: {},
    heapMiB: null,
  })
  assert.equal((fleet.clusters.virginia as ManagedClusterDeclaration).port, 19_102)
  assert.deepEqual(fleet.links.dr, {
    name: 'dr',
    from: 'seoul',
    to: 'virginia',
    engine: 'exact',
    topics: ['*'],
    excluded: [],
    groups: ['*'],
    prefix: '',
    workers: 1,
    producerIdsFrom: 0,
    start: { at: 'earliest' },
  })
})

test('links may be left out or empty, and start takes every form', () => {
  assert.deepEqual(parseFleet('clusters: { a: }\nlinks:\n').fleet.links, {})
  const start = (text: string) =>
    parseFleet(withLinks(`  l: { from: a, to: b, start: ${text} }`)).fleet.links.l?.start
  assert.deepEqual(start('latest'), { at: 'latest' })
  assert.deepEqual(start('2026-03-31T09:00:00+09:00'), { at: 'time', timestampMs: Date.UTC(2026, 2, 31) })
  assert.deepEqual(start('{ offsets: { orders: [5, 0] } }'), { at: 'offsets', offsets: { orders: [5, 0] } })
})

/** A file, and what its only problem says. */
const single: readonly (readonly [title: string, text: string, problem: string])[] = [
  [
    'unknown key',
    'clusters:\n  a: { brokrs: 3 }\n',
    '2:8: clusters.a.brokrs: unknown key, did you mean brokers?',
  ],
  [
    'unknown key that is near to nothing',
    'clusters: { a: }\nzzz: 1\n',
    '2:1: zzz: unknown key; the keys here are fleet, clusters, links, routes, metrics, server, alerts',
  ],
  [
    'a server in clear beyond this machine',
    'clusters: { a: }\nserver: { listen: 0.0.0.0 }\n',
    '2:19: server.listen: 0.0.0.0 can be reached from other machines, and what is sent there could be read on the way; add tls, or proxies where TLS ends before kmc',
  ],
  [
    'a role of a token that is not there',
    'clusters: { a: }\nserver: { roles: { ops: { role: admin, members: ["token:ci"] } } }\n',
    '2:50: server.roles.ops.members[0]: there is no such token; the tokens are none',
  ],
  [
    'a role by OpenID Connect without a provider',
    'clusters: { a: }\nserver: { roles: { ops: { role: admin, members: ["group:ops"] } } }\n',
    '2:50: server.roles.ops.members[0]: group: goes by OpenID Connect; add oidc',
  ],
  [
    'a provider in clear',
    'clusters: { a: }\nserver: { oidc: { issuer: "http://login.example.com", clientId: kmc } }\n',
    '2:27: server.oidc.issuer: an issuer is an https address without a query, or http on this machine',
  ],
  [
    'a token in the file',
    'clusters: { a: }\nserver: { tokens: { ci: abcdefghijklmnopqrstuvwx } }\n',
    '2:25: server.tokens.ci: write env:NAME or file:path here; a secret never stands in the file itself',
  ],
  [
    'wrong type',
    'clusters: { a: { brokers: three } }\n',
    '1:27: clusters.a.brokers: expected a number, got text',
  ],
  ['a fraction', 'clusters: { a: { brokers: 1.5 } }\n', '1:27: clusters.a.brokers: expected a whole number'],
  [
    'no brokers',
    'clusters: { a: { brokers: 0 } }\n',
    '1:27: clusters.a.brokers: a cluster has at least 1 broker',
  ],
  ['clusters missing', 'fleet: x\n', '1:1: clusters: is missing; expected a map of names'],
  ['no cluster', 'clusters: {}\n', '1:1: clusters: a fleet has at least one cluster'],
  ['a list of clusters', 'clusters: [a]\n', '1:11: clusters: expected a map of names, got a list'],
  [
    'a name with capitals',
    'clusters: { Seoul: }\n',
    '1:13: clusters.Seoul: a name is lower-case letters, digits, - and _, beginning with a letter or digit, at most 48',
  ],
  [
    'a version with two parts',
    'clusters: { a: { kafka: 4.3 } }\n',
    '1:25: clusters.a.kafka: write a version with three parts, such as 4.3.1',
  ],
  [
    'an unknown version',
    'clusters: { a: { kafka: 9.9.9 } }\n',
    `1:25: clusters.a.kafka: this version of Kafka is not known to kmc; known: ${kafkaVersions.map(({ version }) => version).join(', ')}`,
  ],
  [
    'kafka and home',
    'clusters: { a: { kafka: 4.3.1, home: k } }\n',
    '1:32: clusters.a.home: `home` and `kafka` exclude each other; the Kafka in `home` has its own version',
  ],
  [
    'a setting that kmc decides',
    'clusters: { a: { config: { node.id: 7 } } }\n',
    '1:28: clusters.a.config["node.id"]: kmc sets this itself',
  ],
  [
    'a replication factor above the brokers',
    'clusters: { a: { config: { default.replication.factor: 3 } } }\n',
    '1:56: clusters.a.config["default.replication.factor"]: needs 3 brokers, the cluster has 1',
  ],
  [
    'overlapping ports',
    'clusters:\n  a: { port: 20000, brokers: 3 }\n  b: { port: 20005 }\n',
    '3:14: clusters.b.port: ports 20005-20006 of b overlap with ports 20000-20005 of a',
  ],
  [
    'brokers on an external cluster',
    'clusters: { a: { bootstrap: ["h:1"], brokers: 3 } }\n',
    '1:38: clusters.a.brokers: brokers is for clusters that kmc runs; this one has bootstrap, so it runs elsewhere',
  ],
  [
    'tls on a managed cluster',
    'clusters: { a: { tls: {} } }\n',
    '1:18: clusters.a.tls: tls is for clusters that run elsewhere; those have bootstrap',
  ],
  [
    'an address without port',
    'clusters: { a: { bootstrap: [h] } }\n',
    '1:30: clusters.a.bootstrap[0]: an address is host:port',
  ],
  [
    'a port out of range',
    'clusters: { a: { bootstrap: ["h:70000"] } }\n',
    '1:30: clusters.a.bootstrap[0]: a port is 1 to 65535',
  ],
  [
    'one address in two clusters',
    'clusters:\n  a: { bootstrap: ["h:9092"] }\n  b: { bootstrap: ["x:1", "H:9092"] }\n',
    '3:27: clusters.b.bootstrap[1]: this address belongs to a; two names for one cluster would make links to itself',
  ],
  [
    'the address of a managed cluster',
    'clusters:\n  a:\n  b: { bootstrap: ["localhost:19092"] }\n',
    '3:20: clusters.b.bootstrap[0]: this address belongs to a; two names for one cluster would make links to itself',
  ],
  [
    'one id in two clusters',
    'clusters:\n  a: { bootstrap: ["h:1"], clusterId: x }\n  b: { bootstrap: ["h:2"], clusterId: x }\n',
    '3:39: clusters.b.clusterId: a has the same id; they are one cluster',
  ],
  [
    'an unknown mechanism',
    'clusters: { a: { bootstrap: ["h:1"], sasl: { mechanism: SCRAM-SHA-265 } } }\n',
    '1:57: clusters.a.sasl.mechanism: expected PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER, did you mean SCRAM-SHA-256?',
  ],
  [
    'a mechanism with the wrong keys',
    'clusters: { a: { bootstrap: ["h:1"], sasl: { mechanism: OAUTHBEARER, token: env:T, username: u } } }\n',
    '1:84: clusters.a.sasl.username: username does not go with OAUTHBEARER',
  ],
  [
    'a literal password',
    'clusters: { a: { bootstrap: ["h:1"], tls: {}, sasl: { mechanism: PLAIN, username: u, password: hunter2 } } }\n',
    '1:96: clusters.a.sasl.password: write env:NAME or file:path here; a secret never stands in the file itself',
  ],
  [
    'no password',
    'clusters: { a: { bootstrap: ["h:1"], tls: {}, sasl: { mechanism: PLAIN, username: u } } }\n',
    '1:47: clusters.a.sasl.password: is missing; write env:NAME or file:path here; a secret never stands in the file itself',
  ],
  [
    'a certificate without key',
    'clusters: { a: { bootstrap: ["h:1"], tls: { certificate: file:c.pem } } }\n',
    '1:45: clusters.a.tls.certificate: needs `key` beside it',
  ],
  [
    'ZooKeeper mode',
    'clusters: { a: { mode: zookeeper } }\n',
    '1:18: clusters.a.mode: ZooKeeper mode is not in this version of kmc',
  ],
  [
    'residency',
    'clusters: { a: }\nresidency: []\n',
    '2:1: residency: residency rules are not in this version of kmc',
  ],
  [
    'mask',
    withLinks('  l: { from: a, to: b, mask: {} }'),
    '6:24: links.l.mask: field masks are not in this version of kmc',
  ],
  [
    'filter',
    withLinks('  l: { from: a, to: b, filter: {} }'),
    '6:24: links.l.filter: record filters are not in this version of kmc',
  ],
  [
    'mirrormaker',
    withLinks('  l: { from: a, to: b, engine: mirrormaker }'),
    '6:32: links.l.engine: mirrormaker is not in this version of kmc; leave `engine` out for an exact link',
  ],
  [
    'an unknown cluster',
    'clusters: { seoul: , b: }\nlinks: { l: { from: seul, to: b } }\n',
    '2:21: links.l.from: unknown cluster seul, did you mean seoul?',
  ],
  ['no destination', withLinks('  l: { from: a }'), '6:3: links.l.to: is missing; expected text'],
  [
    'a link to itself',
    withLinks('  l: { from: a, to: a }'),
    '6:21: links.l.to: a link cannot lead to its own source',
  ],
  [
    'topics that are no list',
    withLinks('  l: { from: a, to: b, topics: orders }'),
    '6:32: links.l.topics: expected a list, got text',
  ],
  [
    'an illegal topic',
    withLinks('  l: { from: a, to: b, topics: ["or ders"] }'),
    '6:33: links.l.topics[0]: a topic pattern is letters, digits, . _ - and the wildcards * and ?',
  ],
  [
    'only exclusions',
    withLinks('  l: { from: a, to: b, topics: ["!x"] }'),
    '6:32: links.l.topics: these patterns only exclude; begin with "*" to take the rest',
  ],
  [
    'nothing left',
    withLinks('  l: { from: a, to: b, topics: [x, "!x*"] }'),
    '6:32: links.l.topics: these patterns take no topic at all',
  ],
  [
    'a start that is none',
    withLinks('  l: { from: a, to: b, start: lates }'),
    '6:31: links.l.start: write earliest, latest, a time with its zone such as 2026-03-31T00:00:00Z, or { offsets: { topic: [0, 0] } }; did you mean latest?',
  ],
  [
    'a time without zone',
    withLinks('  l: { from: a, to: b, start: 2026-03-31T00:00:00 }'),
    '6:31: links.l.start: write earliest, latest, a time with its zone such as 2026-03-31T00:00:00Z, or { offsets: { topic: [0, 0] } }',
  ],
  [
    'a negative offset',
    withLinks('  l: { from: a, to: b, start: { offsets: { x: [1, -1] } } }'),
    '6:51: links.l.start.offsets.x[1]: must be 0 or more',
  ],
  [
    'offsets of a topic that is not taken',
    withLinks('  l: { from: a, to: b, topics: [orders], start: { offsets: { order: [1] } } }'),
    '6:62: links.l.start.offsets.order: this link does not take this topic, did you mean orders?',
  ],
  [
    'an internal prefix',
    withLinks('  l: { from: a, to: b, prefix: "__x" }'),
    '6:32: links.l.prefix: a prefix cannot begin with __, which marks internal topics',
  ],
  [
    'two links into one mirror',
    withLinks('  l: { from: a, to: c }\n  m: { from: b, to: c, topics: [orders] }'),
    '7:32: links.m.topics: links l and m would both write the mirror orders on c; give one a prefix, or exclude the topic in one',
  ],
  ['an empty file', '# nothing\n', '1:1: : the file is empty; `kmc init dr` writes a first one'],
  ['a list', '- a\n', '1:1: : expected the keys fleet, clusters and links, got a list'],
]

for (const [title, text, problem] of single) {
  test(`${title} is one problem with its place`, () => assert.deepEqual(problemsIn(text), [problem]))
}

test('all problems of a file come at once, in its order, with the source lines', () => {
  const text =
    'clusters:\n  seoul: { brokrs: 3 }\nlinks:\n  dr: { from: seul, to: seoul, engin: exact }\nrouts: 1\n'
  const error = invalid(() => parseFleet(text, 'my.yaml'))
  assert.equal(
    error.message,
    [
      'my.yaml has 4 problems',
      '',
      'my.yaml:2:12: clusters.seoul.brokrs: unknown key, did you mean brokers?',
      ' 2 |   seoul: { brokrs: 3 }',
      '   |            ^^^^^^',
      '',
      'my.yaml:4:15: links.dr.from: unknown cluster seul, did you mean seoul?',
      ' 4 |   dr: { from: seul, to: seoul, engin: exact }',
      '   |               ^^^^',
      '',
      'my.yaml:4:32: links.dr.engin: unknown key, did you mean engine?',
      ' 4 |   dr: { from: seul, to: seoul, engin: exact }',
      '   |                                ^^^^^',
      '',
      'my.yaml:5:1: routs: unknown key, did you mean routes?',
      ' 5 | routs: 1',
      '   | ^^^^^',
    ].join('\n'),
  )
})

test('remarks stop nothing and have a place', () => {
  const remarks = (text: string) => parseFleet(text).remarks.map(({ path, message }) => `${path}: ${message}`)
  assert.deepEqual(remarks('clusters: { a: { brokers: 2 } }\n'), [
    'clusters.a.brokers: with 2 brokers the loss of either stops the cluster; take 1 or 3',
  ])
  assert.deepEqual(remarks('clusters: { a: { brokers: 3 }, b: }\nlinks: { l: { from: a, to: b } }\n'), [
    'links.l: b has 1 of the 3 brokers of a: mirrors have at most 1 replica',
  ])
  assert.deepEqual(remarks(withLinks('  l: { from: a, to: c }\n  m: { from: b, to: c }')), [
    'links.m.topics: links l and m could meet in one mirror on c; the plan checks it',
  ])
  const open =
    'clusters: { a: { bootstrap: ["h:1"], sasl: { mechanism: PLAIN, username: u, password: env:P } } }\n'
  assert.deepEqual(remarks(open), [
    'clusters.a.sasl: PLAIN without `tls` sends the secret readable over the network',
  ])
  assert.deepEqual(remarks(open.replace('h:1', '127.0.0.1:1')), [])
})

test('names that objects have by nature are names like others', () => {
  const { fleet } = parseFleet(
    'clusters: { constructor: , tostring: }\nlinks: { valueof: { from: constructor, to: tostring } }\n',
  )
  assert.equal(fleet.links.valueof?.from, 'constructor')
  assert.deepEqual(problemsIn('clusters: { a: }\nlinks: { l: { from: constructor, to: a } }\n'), [
    '2:21: links.l.from: unknown cluster constructor; the clusters are a',
  ])
})

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kmc-load-'))
})
after(() => rm(directory, { recursive: true, force: true }))

test('references are looked up beside the file, and what lacks is told with the rest', async () => {
  const path = join(directory, 'fleet.yaml')
  await mkdir(join(directory, 'certs'), { recursive: true })
  await writeFile(join(directory, 'certs', 'ca.pem'), '-----BEGIN CERTIFICATE-----\n')
  await writeFile(join(directory, 'pw'), 'x')
  await chmod(join(directory, 'pw'), 0o644)
  await writeFile(
    path,
    `clusters:
  a:
    bootstrap: ["h:1"]
    tls: { ca: file:certs/ca.pem }
    sasl: { mechanism: PLAIN, username: u, password: file:pw }
  b:
    bootstrap: ["h:2"]
    tls: { ca: file:gone.pem }
    sasl: { mechanism: OAUTHBEARER, token: env:KMC_NO_SUCH }
`,
  )
  const error = await loadFleet(path, { env: {} }).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof KmcError)
  const problems = (error.context.problems as readonly Problem[]).map(
    ({ path: at, message }) => `${at}: ${message}`,
  )
  assert.deepEqual(problems, [
    `clusters.a.sasl.password: pw can be read by others (mode 0644); run: chmod 600 ${join(directory, 'pw')}`,
    'clusters.b.tls.ca: there is no file gone.pem',
    'clusters.b.sasl.token: the environment variable KMC_NO_SUCH is not set',
  ])
  const { fleet } = await loadFleet(path, { env: {}, secrets: 'ignore' })
  assert.equal(fleet.clusters.a?.kind, 'external')
})

test('managed clusters keep the ports of what was applied', async () => {
  const path = join(directory, 'ports.yaml')
  await writeFile(path, 'clusters: { old: }\n')
  const before = await loadFleet(path)
  await writeApplied(directory, {
    format: 1,
    fleet: 'fleet',
    appliedAt: 1,
    clusters: { old: { declaration: before.fleet.clusters.old!, clusterId: null } },
    links: {},
  })
  await writeFile(path, 'clusters: { new: , old: }\n')
  const { fleet } = await loadFleet(path)
  assert.equal((fleet.clusters.old as ManagedClusterDeclaration).port, 19_092)
  assert.equal((fleet.clusters.new as ManagedClusterDeclaration).port, 19_102)
})

test('what travels is off, on, or chosen in detail', () => {
  const travelOf = (keys: string) =>
    parseFleet(withLinks(`  l: { from: a, to: b${keys} }`)).fleet.links.l!.travel ?? null
  assert.equal(travelOf(''), null)
  assert.equal(travelOf(', acls: false, deletion: keep'), null)
  assert.deepEqual(travelOf(', acls: true')?.acls?.principals, ['*'])
  assert.deepEqual(travelOf(', acls: { map: { "User:x": "User:y" } }')?.acls?.map, { 'User:x': 'User:y' })
  assert.deepEqual(travelOf(', deletion: delete')?.deletion, { afterMs: 3_600_000, shareMax: 0.25 })
  assert.deepEqual(travelOf(', deletion: { hold: 60, share: 1 }')?.deletion, { afterMs: 60_000, shareMax: 1 })
  assert.equal(travelOf(', configs: { defaults: source }')?.configs.defaults, 'source')
  assert.deepEqual(travelOf(', users: { passwords: { x: env:X } }')?.users?.passwords, { x: 'env:X' })
})

test('a password of a user that travels never stands in the file', () => {
  const text = withLinks('  l: { from: a, to: b, users: { passwords: { alice: hunter2 } } }')
  const error = invalid(() => parseFleet(text))
  assert.match(error.message, /links\.l\.users.*write env:NAME or file:path/s)
  assert.doesNotMatch(JSON.stringify([error.message, error.context]), /hunter2/)
})
