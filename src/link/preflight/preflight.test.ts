import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { grantCommand, grantNames } from './commands.ts'
import { type Facts, known } from './facts.ts'
import { blocks } from './findings.ts'
import { judge } from './preflight.ts'
import { facts, mirrorTopic, notTold, present, rights, side, sourceTopic } from './testing/facts.ts'

const oldTopic = sourceTopic({
  settings: known({ effective: { 'message.format.version': '0.10.2' }, own: {} }),
})

/** Each change of the facts, and what the checks must say of it: severity and code, all but the good ones. */
const cases: readonly [name: string, change: Partial<Facts>, expected: readonly string[]][] = [
  ['nothing amiss', {}, []],
  ['one cluster', { destination: side('tokyo') }, ['error ONE_CLUSTER']],
  ['another source', { recordedSource: 'id-of-seoul' }, ['error SOURCE_REPLACED']],
  [
    'an old broker',
    { source: side('tokyo', { missingApis: known([{ node: 2, apis: ['Fetch'] }]) }) },
    ['error API_MISSING'],
  ],
  [
    'clocks apart',
    { source: side('tokyo', { clock: known({ leastMs: 60_000, mostMs: 60_010 }) }) },
    ['warning CLOCKS_DIFFER'],
  ],
  [
    'a quota',
    { source: side('tokyo', { quotas: known({ limits: { consumer_byte_rate: '1000' }, areOwn: true }) }) },
    ['warning THROTTLED'],
  ],
  ['a source right', { sourceTopics: [sourceTopic({ rights: rights('read') })] }, ['error RIGHT_MISSING']],
  [
    'two mirror rights',
    { mirrors: [mirrorTopic({ rights: rights('alter', 'delete') })] },
    ['error RIGHT_MISSING', 'error RIGHT_MISSING'],
  ],
  [
    'rights not told',
    { mirrors: [mirrorTopic({ rights: notTold })] },
    Array(5).fill('warning NOT_FOUND_OUT'),
  ],
  ['no producer id', { producerId: known(false) }, ['error RIGHT_MISSING']],
  [
    'no write, hence no producer id',
    { producerId: known(false), mirrors: [mirrorTopic({ rights: rights('write') })] },
    ['error RIGHT_MISSING'],
  ],
  ['no markers', { gaps: known('transactions') }, ['warning GAPS_BY_TRANSACTIONS']],
  ['neither', { gaps: known(null) }, ['error GAPS_IMPOSSIBLE']],
  ['an unseen topic', { unseenTopics: ['gone'] }, ['error TOPIC_NOT_SEEN']],
  [
    'a foreign topic with records',
    { mirrors: [mirrorTopic({ present, offsets: known(5) })] },
    ['error MIRROR_IN_THE_WAY'],
  ],
  ['an empty foreign topic', { mirrors: [mirrorTopic({ present })] }, []],
  [
    'a mirror of another link',
    { mirrors: [mirrorTopic({ present, keeper: 'other' })] },
    ['error MIRROR_OF_ANOTHER'],
  ],
  [
    'a wide mirror',
    { mirrors: [mirrorTopic({ present: { ...present, partitions: 4 }, keeper: 'dr' })] },
    ['error MIRROR_TOO_WIDE'],
  ],
  [
    'a name that clashes',
    { mirrors: [mirrorTopic({ refusal: known({ error: 'INVALID_TOPIC_EXCEPTION', message: 'collides' }) })] },
    ['error MIRROR_REFUSED'],
  ],
  [
    'no right to create',
    { mirrors: [mirrorTopic({ refusal: known({ error: 'TOPIC_AUTHORIZATION_FAILED', message: '' }) })] },
    ['error RIGHT_MISSING'],
  ],
  [
    'recompression',
    { mirrors: [mirrorTopic({ settings: known({ effective: { 'compression.type': 'gzip' }, own: {} }) })] },
    ['warning MIRROR_RECOMPRESSES'],
  ],
  [
    'small requests',
    { destination: side('osaka', { brokerSettings: known({ 'socket.request.max.bytes': '1048576' }) }) },
    ['error REQUEST_TOO_LARGE'],
  ],
  [
    'an old format',
    {
      source: side('tokyo', {
        metadataLevel: 0,
        brokerSettings: known({ 'inter.broker.protocol.version': '2.8-IV1' }),
      }),
      sourceTopics: [oldTopic],
    },
    ['error OLD_FORMAT'],
  ],
  [
    'an old format that brokers ignore: with ZooKeeper',
    {
      source: side('tokyo', {
        metadataLevel: 0,
        brokerSettings: known({ 'inter.broker.protocol.version': '3.0-IV1' }),
      }),
      sourceTopics: [oldTopic],
    },
    [],
  ],
  ['an old format that brokers ignore: with KRaft', { sourceTopics: [oldTopic] }, []],
  ['old records', { sourceTopics: [sourceTopic({ holdsOld: known(true) })] }, ['warning GUARD_EXPIRES']],
  [
    'a sparse log',
    {
      sourceTopics: [
        sourceTopic({
          settings: known({ effective: { 'cleanup.policy': 'compact' }, own: {} }),
          offsets: known(1_000_000),
          bytes: known(50_000),
        }),
      ],
    },
    ['warning SPARSE_LOG'],
  ],
  [
    'too few replicas for good',
    {
      mirrors: [
        mirrorTopic({
          present: { ...present, replicationFactor: 1, inSyncMin: 1 },
          keeper: 'dr',
          settings: known({ effective: { 'min.insync.replicas': '2' }, own: {} }),
        }),
      ],
    },
    ['warning MIRROR_SETTINGS', 'error INSYNC_IMPOSSIBLE'],
  ],
  [
    'a broker down',
    { internals: [{ name: '__consumer_offsets', present: { ...present, leaderless: 2 }, minInsync: null }] },
    ['error INSYNC_MISSING'],
  ],
  [
    'a small disk',
    { destination: side('osaka', { disks: known([{ node: 1, freeBytes: 10, totalBytes: 2 ** 41 }]) }) },
    ['warning DISK_SMALL'],
  ],
]

describe('what the checks say', () => {
  for (const [name, change, expected] of cases) {
    test(name, () => {
      const found = judge(facts(change)).filter(({ severity }) => severity !== 'ok')
      assert.deepEqual(
        found.map(({ severity, code }) => `${severity} ${code}`),
        expected,
      )
      for (const { severity, remedy } of found) assert.ok(severity === 'warning' || remedy !== null)
    })
  }

  test('only what concerns the whole link keeps it from starting', () => {
    const blocking = (change: Partial<Facts>) => judge(facts(change)).filter(blocks).length
    assert.equal(blocking({ gaps: known(null) }), 1)
    assert.equal(blocking({ sourceTopics: [sourceTopic({ rights: rights('read') })] }), 0)
    assert.equal(blocking({ gaps: notTold }), 0)
  })
})

describe('the command that grants', () => {
  const access = { principal: 'User:kmc', bootstrap: 'osaka:9093', isSecured: true }

  test('takes the link’s own patterns, so that tomorrow’s topics are covered', () => {
    assert.deepEqual(grantNames(['*', '!x'], '', ['a', 'b']), ['*'])
    assert.deepEqual(grantNames(['*'], 'jp.', ['a']), ['jp.*'])
    assert.deepEqual(grantNames(['pay.*', 'orders'], '', ['orders', 'pay.in', 'pay.out']), [
      'orders',
      'pay.*',
    ])
  })

  test('is one that kafka-acls takes', () => {
    assert.equal(
      grantCommand(access, 'describe-configs', 'topic', ['*', 'pay.*', 'orders']),
      'kafka-acls --bootstrap-server osaka:9093 --command-config admin.properties --add --allow-principal User:kmc ' +
        "--operation DescribeConfigs --topic '*' --topic orders && " +
        'kafka-acls --bootstrap-server osaka:9093 --command-config admin.properties --add --allow-principal User:kmc ' +
        '--operation DescribeConfigs --topic pay. --resource-pattern-type prefixed',
    )
    const odd = grantCommand({ ...access, principal: "User:CN=it's me,O=x y" }, 'alter', 'cluster', [])
    assert.match(odd, /--allow-principal 'User:CN=it'\\''s me,O=x y' --operation Alter --cluster$/)
  })
})
